using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>An accelerator of this machine with one launch shape. Every kernel test runs on every bench.</summary>
/// <param name="name">The accelerator's name in the tests' names.</param>
/// <param name="accelerator">The accelerator, started when it is first used.</param>
/// <param name="shape">The launch shape.</param>
sealed class TestBench(string name, Lazy<Accelerator> accelerator, LaunchShape shape)
{
    readonly Lazy<KernelSet> kernels = new(() => new KernelSet(Launcher.For(accelerator.Value) with { Shape = shape }));

    /// <summary>The accelerator's name.</summary>
    public string Name => name;

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator => accelerator.Value;

    /// <summary>The stream of all launches and copies.</summary>
    public AcceleratorStream Stream => Launcher.Stream;

    /// <summary>The launch shape.</summary>
    public LaunchShape Shape => shape;

    /// <summary>Where kernels are launched.</summary>
    public Launcher Launcher => Kernels.Launcher;

    /// <summary>All operations, loaded once for the whole run.</summary>
    public KernelSet Kernels => kernels.Value;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{name} {shape.GroupSize}x{shape.MaxGroups} tile {shape.ThreadTileRows}x{shape.ThreadTileColumns}";
}
