package dev.mlit.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./mlit completion}. */
@Command(
    name = "completion",
    description =
        "Prints a script by which a shell completes commands, options, fields of --set, files, and"
            + " the names of presets, models and datasets, for mlit and ./mlit.",
    footer = {
      "",
      "For one session, in bash or zsh:",
      "  eval \"$(./mlit completion bash)\"",
      "  eval \"$(./mlit completion zsh)\"",
      "For good, in bash with the package bash-completion, or without it in ~/.bashrc:",
      "  mkdir -p ~/.local/share/bash-completion/completions",
      "  ./mlit completion bash > ~/.local/share/bash-completion/completions/mlit",
      "For good, in zsh, where ~/.zshrc has fpath=(~/.zfunc $fpath) before compinit:",
      "  mkdir -p ~/.zfunc && ./mlit completion zsh > ~/.zfunc/_mlit",
      "Names are those of today: write the file again after an update."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private CompletionScript.Shell shell;

  @Override
  public void run() {
    // Not this command line, which has this command only.
    command.commandLine().getOut().print(CompletionScript.of(Main.commandLine(), shell));
    command.commandLine().getOut().flush();
  }
}
