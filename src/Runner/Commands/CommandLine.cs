using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using Makemore.Gpu.Runner.Help;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The program's command line: all its commands.</summary>
static class CommandLine
{
    /// <summary>
    /// The command line as a whole. It is made once: options are static, and each keeps every command that it was added to.
    /// </summary>
    public static RootCommand Root { get; } = Create();

    /// <summary>What a shell asks for the words that may come next.</summary>
    public static SuggestDirective Completions => Root.Directives.OfType<SuggestDirective>().Single();

    static RootCommand Create()
    {
        var root = new RootCommand(
            "makemore's MLP: a small language model for names, trained by hand-written kernels on CUDA, OpenCL or the CPU.")
        {
            CommonOptions.Json,
            CommonOptions.Quiet,
            CommonOptions.Verbose,
            Bind(DevicesCommand.Create(), DevicesCommand.Run),
            Bind(RecipesCommand.Create(), RecipesCommand.Run),
            Bind(TrainCommand.Create(), TrainCommand.Run),
            Bind(SweepCommand.Create(), SweepCommand.Run, Bind(SweepMergeCommand.Create(), SweepMergeCommand.Run)),
            Bind(EvaluateCommand.Create(), EvaluateCommand.Run),
            Bind(SampleCommand.Create(), SampleCommand.Run),
            Bind(ScoreCommand.Create(), ScoreCommand.Run),
            Bind(ExportCommand.Create(), ExportCommand.Run),
            Bind(ImportCommand.Create(), ImportCommand.Run),
            Bind(InspectCommand.Create(), InspectCommand.Run),
            Bind(RunsCommand.Create(), RunsCommand.Run, Bind(RunsPruneCommand.Create(), RunsPruneCommand.Run)),
            Bind(CompareCommand.Create(), CompareCommand.Run),
            Bind(ExploreCommand.Create(), ExploreCommand.Run),
            Bind(CheckCommand.Create(), CheckCommand.Run),
            Bind(KernelsCommand.Create(), KernelsCommand.Run),
            Bind(BenchCommand.Create(), BenchCommand.Run),
            Bind(DataCommand.Create(), DataCommand.Run),
            Bind(HelpCommand.Create(), HelpCommand.Run),
            Bind(CompletionCommand.Create(), CompletionCommand.Run),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        (help.Description, help.Action) = ("what the command does and takes", new ShowHelp());
        root.Options.OfType<VersionOption>().Single().Description = "the program's version";
        return root;
    }

    static Command Bind(Command command, Func<ParseResult, Session, int> run, params Command[] below)
    {
        Array.ForEach(below, command.Add);
        command.SetAction(parsed => run(parsed, new Session(
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(CommonOptions.Json),
            parsed.GetValue(CommonOptions.Quiet), ((Invocation)parsed.InvocationConfiguration).Interruption)));
        return command;
    }
}
