using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>What a run of training has done.</summary>
/// <param name="Steps">The steps that were completed.</param>
/// <param name="StepsPerSecond">The speed of the training loop.</param>
/// <param name="Dev">How the dev loss went; null where it was not measured.</param>
/// <param name="ModelStep">The steps after which the network was as the model has it.</param>
/// <param name="Folder">The run folder.</param>
/// <param name="Model">The file of the model.</param>
/// <param name="Metrics">The file of losses.</param>
/// <param name="Result">What the run folder holds of it.</param>
sealed record TrainingOutcome(
    int Steps, double StepsPerSecond, DevProgress? Dev, int ModelStep, string Folder, string Model, string Metrics, RunResult Result)
{
    /// <summary>Whether it was interrupted.</summary>
    public bool IsInterrupted => Result.End == RunEnd.Interrupted;

    /// <summary>Ends the command of a run that was interrupted.</summary>
    /// <exception cref="InterruptedException">It was; the message says how to go on.</exception>
    public void ThrowIfInterrupted()
    {
        if (IsInterrupted)
        {
            throw new InterruptedException(
                $"interrupted after {Format.Counted(Steps, "step")}: the model as it is stands in {Model}; "
                + $"to go on: {ProgramCall.With("train", "--resume", Folder)}");
        }
    }

    /// <summary>Adds the losses of the splits to what the run folder holds.</summary>
    /// <param name="session">Where to tell that they cannot be written.</param>
    /// <param name="losses">The losses by name.</param>
    public void Keep(Session session, IReadOnlyDictionary<string, double> losses)
    {
        string file = RunResult.FileIn(Folder);
        try
        {
            using var held = FolderLock.Take(Folder);
            (Result with { Losses = losses }).Write(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidRequestException)
        {
            session.Note($"note: '{file}' cannot be written ({Explanation.ReasonOf(fault)}): it is without the losses of the splits");
        }
    }
}
