using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>A script by which a shell completes calls of the program. It asks the program, by System.CommandLine's directive.</summary>
static class CompletionCommand
{
    // Each asks with what stands before the cursor, without the program's name.
    static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # To use it: makemore completion bash >> ~/.bashrc
            _makemore() {
              local line=${COMP_LINE:0:COMP_POINT} IFS=$'\n'
              line=${line#* }
              COMPREPLY=($(compgen -W "$("$1" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _makemore makemore
            """,
        ["zsh"] = """
            # To use it: makemore completion zsh >> ~/.zshrc, after compinit
            _makemore() {
              local line=${BUFFER[1,CURSOR]#* }
              local -a found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
              compadd -a found
              _files
            }
            compdef _makemore makemore
            """,
        ["fish"] = """
            # To use it: makemore completion fish > ~/.config/fish/completions/makemore.fish
            function __makemore
              set -l line (commandline -cp | string replace -r '^\S+ ' '')
              makemore "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c makemore -a '(__makemore)'
            """,
        ["pwsh"] = """
            # To use it: makemore completion pwsh >> $PROFILE
            Register-ArgumentCompleter -Native -CommandName makemore -ScriptBlock {
              param($word, $call, $cursor)
              $line = "$call".PadRight($cursor).Substring(0, $cursor) -replace '^\S+ ', ''
              makemore "[suggest:$($line.Length)]" $line 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
              }
            }
            """,
    };

    static readonly Argument<string?> Shell = new("SHELL")
    {
        Description = $"the shell: {string.Join(", ", Scripts.Keys)}",
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { Scripts.Keys.ToArray() },
    };

    public static Command Create() => new("completion", "a script by which a shell completes commands, options and values") { Shell };

    public static int Run(ParseResult parsed, Session session)
    {
        string shells = string.Join(", ", Scripts.Keys);
        string shell = parsed.GetValue(Shell) ?? throw new InvalidRequestException($"no shell was named: use {shells}");
        if (!Scripts.TryGetValue(shell, out string? script))
        {
            throw new InvalidRequestException($"unknown shell '{shell}'{Suggestion.For(shell, Scripts.Keys)}: use {shells}");
        }
        foreach (string line in script.ReplaceLineEndings("\n").Split('\n'))
        {
            session.Text.WriteLine(line);
        }
        session.Result(new { Shell = shell, Script = script });
        return 0;
    }
}
