using ILGPU.Runtime;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>Shows what a run would take.</summary>
static class PlanPage
{
    /// <summary>The page.</summary>
    /// <param name="run">The run.</param>
    /// <param name="stepsPerSecond">The speed to expect; null where nothing was measured.</param>
    public static Page Of(PlannedRun run, double? stepsPerSecond)
    {
        Configuration configuration = run.Settings.Configuration;
        return new Page(
            $"What {Format.Counted(configuration.Steps, "step")} of recipe {configuration.Recipe.Name} would take",
            [Run(run), Memory(run), Steps(run, stepsPerSecond)]);
    }

    static Section Run(PlannedRun run) => new("Run")
    {
        Lines =
        [
            $"names        {run.NamesDescription}",
            $"accelerator  {run.Started.Found.Name}, {run.Started.Found.Description}",
            $"strategy     {run.Strategy.Name}",
            $"parameters   {Format.Count(run.Network.ParameterCount)}",
            $"model file   {Format.Bytes(run.Memory.ModelBytes)} and its header, as much for each of two checkpoints",
        ],
    };

    static Section Memory(PlannedRun run)
    {
        MemoryPlan memory = run.Memory;
        string where = memory.IsOnHost ? "the program may take" : $"{run.Started.Found.Name} has";
        return new Section("Memory")
        {
            Text = "Buffers that are there at once while the network is trained. "
                + $"{Format.Bytes(run.Started.Found.MemoryBytes)} of memory is what {where}."
                + (memory.EndBytes > memory.TrainingBytes
                    ? $" The losses at the end take more than training: {Format.Bytes(memory.EndBytes)}."
                    : ""),
            Grid = new Grid(
                ["buffer", "for", "bytes", "size"],
                [
                    .. memory.Buffers.Select(planned => Row(planned.Buffer.Name, Format.Word(planned.Use), planned.Buffer.Bytes)),
                    .. memory.IsOnHost ? [Row("copies for checkpoints", "run", memory.CopiesBytes)] : Array.Empty<string[]>(),
                    Row("needed", "", memory.NeededBytes),
                    Row("there is", "", run.Started.Found.MemoryBytes),
                ]),
        };
    }

    static Section Steps(PlannedRun run, double? stepsPerSecond)
    {
        StepPlan step = run.Memory.Step;
        string steps = Format.Counted(step.StepsPerLaunch, "step");
        string launches = Format.Counted(step.Launches, "launch", "launches");
        string launching = (run.Strategy.Name == Strategy.Fused.Name, run.Started.Accelerator.AcceleratorType) switch
        {
            (true, _) => $"One launch runs up to {steps}.",
            (_, AcceleratorType.CPU) => $"A step has {Format.Counted(step.Launches, "operation")}; one launch runs those of up to {steps}.",
            (_, AcceleratorType.Cuda) => $"A step takes {launches}, recorded as one graph where the driver can do that.",
            _ => $"A step takes {launches}.",
        };
        return new Section("Launches") { Text = launching + (stepsPerSecond is { } speed ? " " + Expected(run, speed) : "") };
    }

    static string Expected(PlannedRun run, double stepsPerSecond)
    {
        int steps = run.Settings.Configuration.Steps;
        return $"By what was measured, about {Format.ThreeDigits(stepsPerSecond)} steps/s are to be expected: "
            + $"{Format.Duration(steps / stepsPerSecond)} for {Format.Counted(steps, "step")}.";
    }

    static string[] Row(string name, string use, long bytes) => [name, use, Format.Count(bytes), Format.Bytes(bytes)];
}
