using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.History;

/// <summary>A run beside others.</summary>
/// <param name="Listed">What is known of it.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Run">Its losses on the way.</param>
sealed record ComparedRun(ListedRun Listed, StoredSettings Settings, FinishedRun Run)
{
    /// <summary>Reads a run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="note">Told what is not as it should be, in a line.</param>
    /// <exception cref="InvalidRequestException">It is no run, or one that cannot be read.</exception>
    public static ComparedRun Read(string folder, Action<string> note)
    {
        if (!Directory.Exists(folder))
        {
            throw new InvalidRequestException($"there is no run folder '{folder}': name folders that the command train wrote");
        }
        ListedRun listed = RunReading.Read(folder);
        return listed.IsSweep
            ? throw new InvalidRequestException($"'{folder}' is a sweep, whose own report compares its networks: name runs")
            : new ComparedRun(listed, StoredSettings.Read(folder), FinishedRun.Read(folder, note));
    }
}
