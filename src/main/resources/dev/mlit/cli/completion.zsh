
# Whether one of the items, each a name, a colon and a description, has this name.
_mlit_has() {
  local name=$1 item
  shift
  for item; do
    [[ ${item%%:*} == $name ]] && return 0
  done
  return 1
}

# Offers what _mlit_value has found.
_mlit_offer() {
  local found=1
  local -a more
  if (( $#names )); then
    # The name of a field is followed by its value.
    [[ $names[1] == *= ]] && more=(-S '')
    [[ -z $files ]] && compset -P '*,'
    compadd "${more[@]}" -a names && found=0
  fi
  case $files in
    '') ;;
    /) _files -/ && found=0 ;;
    '*') _files && found=0 ;;
    *) _files -g "*.$files" && found=0 ;;
  esac
  return found
}

_mlit() {
  local place= position=0 expects= rest= word cur files= i
  local -a subcommands flags valued names either
  _mlit_command ''
  for ((i = 2; i < CURRENT; i++)); do
    word=${(Q)words[i]}
    if [[ -n $expects ]]; then
      expects=
    elif [[ -z $rest && $word == -- ]]; then
      rest=1
    elif [[ -z $rest && $word == -?* ]]; then
      _mlit_has $word $valued && expects=$word
    elif _mlit_has $word $subcommands; then
      place=${place:+$place }$word
      _mlit_command $place
    else
      (( ++position ))
    fi
  done

  cur=${(Q)words[CURRENT]}
  if [[ -n $expects ]]; then
    _mlit_value "$place $expects"
    _mlit_offer
  elif [[ -z $rest && $cur == -*=* ]]; then
    _mlit_value "$place ${cur%%=*}"
    compset -P 1 '*='
    _mlit_offer
  elif [[ -z $rest && $cur == -* ]]; then
    either=($valued $flags)
    _describe -o option either
  elif (( $#subcommands )); then
    _describe command subcommands
  else
    _mlit_value "$place $position"
    _mlit_offer
  fi
}

# Called by zsh, as a file of a directory in fpath, or read by a shell that is asked to.
if [[ $funcstack[1] == _mlit ]]; then
  _mlit "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _mlit mlit
fi
