using System.CommandLine;
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

    static RootCommand Create() =>
        new("makemore's MLP: a small language model for names, trained by hand-written kernels on CUDA, OpenCL or the CPU.")
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
            Bind(InspectCommand.Create(), InspectCommand.Run),
            Bind(RunsCommand.Create(), RunsCommand.Run, Bind(RunsPruneCommand.Create(), RunsPruneCommand.Run)),
            Bind(CompareCommand.Create(), CompareCommand.Run),
            Bind(ExploreCommand.Create(), ExploreCommand.Run),
            Bind(CheckCommand.Create(), CheckCommand.Run),
            Bind(BenchCommand.Create(), BenchCommand.Run),
            Bind(DataCommand.Create(), DataCommand.Run),
        };

    static Command Bind(Command command, Func<ParseResult, Session, int> run, params Command[] below)
    {
        Array.ForEach(below, command.Add);
        command.SetAction(parsed => run(parsed, new Session(
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(CommonOptions.Json),
            parsed.GetValue(CommonOptions.Quiet), ((Invocation)parsed.InvocationConfiguration).Interruption)));
        return command;
    }
}
