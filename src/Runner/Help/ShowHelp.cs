using System.CommandLine;
using System.CommandLine.Invocation;

namespace Makemore.Gpu.Runner.Help;

/// <summary>What <c>--help</c> does, whatever else is wrong with the call.</summary>
sealed class ShowHelp : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        ArgumentNullException.ThrowIfNull(parseResult);
        foreach (string line in HelpPage.Of(parseResult.CommandResult.Command))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(line);
        }
        return 0;
    }
}
