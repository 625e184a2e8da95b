
# Whether one of the items, each a name, a colon and a description, has this name.
_mlit_has() {
  local name=$1 item
  shift
  for item; do
    [[ ${item%%:*} == "$name" ]] && return 0
  done
  return 1
}

# Files and directories that begin as what was typed; $2 has what compgen is to take.
_mlit_files() {
  local path
  while IFS= read -r path; do
    # Hidden ones only where a point was typed.
    [[ ${path##*/} == .* && ${1##*/} != .* ]] || replies+=("$path")
  done < <(compgen "${@:2}" -- "$1")
}

# Changes how Readline takes the replies; bash 3 of macOS cannot.
_mlit_option() {
  compopt "$@" 2> /dev/null
}

_mlit() {
  local place= position=0 expects= rest= word cur last head i glued=
  local -a whole subcommands flags valued names replies
  local files=
  whole=() replies=() names=()
  # Readline ends words at = and : too, also where they are in one argument.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((${#whole[@]})) && [[ $glued || $word == [=:]* ]]; then
      whole[${#whole[@]} - 1]+=$word
      glued=
      [[ $word == [=:]* ]] && glued=1
    else
      whole+=("$word")
    fi
  done
  cur=${whole[${#whole[@]} - 1]}
  # What Readline replaces is its own last word only; what stands before it is left out of the replies.
  last=${COMP_WORDS[COMP_CWORD]}
  [[ $last == [=:]* ]] && last=
  head=${cur%"$last"}

  _mlit_command ''
  for ((i = 0; i < ${#whole[@]} - 1; i++)); do
    word=${whole[i]}
    if [[ $expects ]]; then
      expects=
    elif [[ ! $rest && $word == -- ]]; then
      rest=1
    elif [[ ! $rest && $word == -?* ]]; then
      _mlit_has "$word" ${valued[@]+"${valued[@]}"} && expects=$word
    elif _mlit_has "$word" ${subcommands[@]+"${subcommands[@]}"}; then
      place=${place:+$place }$word
      _mlit_command "$place"
    else
      position=$((position + 1))
    fi
  done

  if [[ $expects ]]; then
    _mlit_value "$place $expects"
  elif [[ ! $rest && $cur == -*=* ]]; then
    _mlit_value "$place ${cur%%=*}"
    head=${head#*=}
    cur=${cur#*=}
  elif [[ ! $rest && $cur == -* ]]; then
    names=(${valued[@]+"${valued[@]%%:*}"} ${flags[@]+"${flags[@]%%:*}"})
  elif ((${#subcommands[@]})); then
    names=("${subcommands[@]%%:*}")
  else
    _mlit_value "$place $position"
  fi

  # Of a list of names with commas, the last one is completed.
  local list=
  [[ ! $files && $cur == *,* ]] && list=${cur%,*},
  for word in ${names[@]+"${names[@]}"}; do
    [[ $list$word == "$cur"* ]] && replies+=("$list$word")
  done
  case $files in
    '') _mlit_option +o default +o bashdefault ;;
    /) _mlit_files "$cur" -d ;;
    '*') _mlit_files "$cur" -f ;;
    *)
      _mlit_files "$cur" -d
      _mlit_files "$cur" -f -X "!*.$files"
      ;;
  esac
  [[ $files ]] && _mlit_option -o filenames
  [[ ${#replies[@]} == 1 && ${replies[0]} == *= ]] && _mlit_option -o nospace
  COMPREPLY=(${replies[@]+"${replies[@]#"$head"}"})
}

# Of ./mlit and any other path to it, too: bash looks for what stands after the last slash.
complete -o default -o bashdefault -F _mlit mlit
