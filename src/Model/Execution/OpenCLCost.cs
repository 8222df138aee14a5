using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// Estimates what a step of training costs on a processor by OpenCL in two forms: fused, many steps in one launch whose threads all run on
/// one core; and layered, one launch for each operation, shared by all cores. Nothing is measured, so that
/// <see cref="Strategy.Automatic"/> chooses the same form each time.
/// </summary>
/// <param name="Layers">L, the linear layers.</param>
/// <param name="Work">Multiply-adds of a step's matrix products, which are nearly all of its work.</param>
/// <param name="Cores">Cores of the processor.</param>
sealed record OpenCLCost(int Layers, double Work, int Cores)
{
    // In µs, by PoCL 6 on an EPYC with AVX-512.
    const double LaunchTime = 12;

    // Launches of a step for each linear layer. The lectures' networks have 6 to 11.
    const int LayerLaunches = 9;

    // Multiply-adds of one core in a µs, on the same: of small products that stay in its caches, and of large ones. docs/performance.md has
    // what was measured.
    const double FusedRate = 27_000;
    const double LayeredRate = 15_000;

    /// <summary>Whether the fused form is at least as fast.</summary>
    public bool IsFused => Fused <= Layered;

    double Fused => Work / FusedRate;

    double Layered => (LayerLaunches * Layers * LaunchTime) + (Work / (LayeredRate * Cores));

    /// <summary>The cost of a network's step.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="device">The processor.</param>
    public static OpenCLCost Of(NetworkShape shape, int batch, Device device) =>
        new(shape.Linears.Count(), FusedCost.MultiplyAdds(shape, batch), LaunchShape.For(device).Cores);
}
