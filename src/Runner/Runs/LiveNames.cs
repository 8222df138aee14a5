using System.Diagnostics;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Live;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// Names that a network makes up while it is trained, now and then. They come from a generator of their own, so that no bit of the training
/// depends on them.
/// </summary>
/// <param name="history">Where they are shown.</param>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
/// <param name="data">What it is trained on.</param>
/// <param name="strategy">In which form to run it.</param>
sealed class LiveNames(RunHistory history, KernelSet kernels, Mlp network, Dataset data, Strategy strategy)
{
    const int ShownAtOnce = 12;

    static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    Stopwatch? since;

    /// <summary>Shows some, where it is time again.</summary>
    /// <param name="step">The steps after which the network is, its values up to date.</param>
    public void Show(int step)
    {
        if (since?.Elapsed < Between)
        {
            return;
        }
        var names = new ShownNames(isKnownTold: true);
        try
        {
            foreach (SampledName name in SampledName.Mark(
                new Sampler(kernels, network, data.Vocabulary, strategy).Sample(ShownAtOnce), data.KnownNames))
            {
                names.Add(name);
            }
            history.Show(names, step);
        }
        catch (InvalidRequestException)
        {
            // The network has diverged, as the next steps will tell.
        }
        since = Stopwatch.StartNew();
    }
}
