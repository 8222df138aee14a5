using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// An accelerator of this machine with one launch shape. Every kernel test runs on every bench. All memory of a bench has guard zones
/// around it, that which the operations take themselves, too.
/// </summary>
/// <param name="name">The accelerator's name in the tests' names.</param>
/// <param name="accelerator">The accelerator, started when it is first used.</param>
/// <param name="shape">The launch shape.</param>
/// <param name="misalignment">How many values behind an aligned address each array begins.</param>
sealed class TestBench(string name, Lazy<Accelerator> accelerator, LaunchShape shape, int misalignment)
{
    readonly List<DeviceArray<float>> lent = [];

    /// <summary>The accelerator's name.</summary>
    public string Name => name;

    /// <summary>Whether it has warps of 32 threads, real or simulated ones.</summary>
    public bool HasWarps => name.StartsWith("cuda", StringComparison.Ordinal) || name.StartsWith("cpu:warp", StringComparison.Ordinal);

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator => accelerator.Value;

    /// <summary>The stream of all launches and copies.</summary>
    public AcceleratorStream Stream => Launcher.MemoryStream;

    /// <summary>The launch shape.</summary>
    public LaunchShape Shape => shape;

    /// <summary>Where kernels are launched.</summary>
    public Launcher Launcher => field ??= Launcher.For(accelerator.Value) with { Shape = shape, Lend = Lend };

    /// <summary>All operations, loaded once for the whole run.</summary>
    public KernelSet Kernels => field ??= new(Launcher);

    /// <summary>The same accelerator and launch shape, with arrays that begin elsewhere.</summary>
    /// <param name="values">How many values behind an aligned address.</param>
    public TestBench Misaligned(int values) => new(name, accelerator, shape, values);

    /// <summary>A copy of the values on the device.</summary>
    /// <param name="values">The values.</param>
    public DeviceArray<float> Upload(float[] values) => new(this, values, Guard.Value, misalignment);

    /// <summary>A copy of the values on the device.</summary>
    /// <param name="values">The values.</param>
    public DeviceArray<int> Upload(int[] values) => new(this, values, Guard.Integer, misalignment);

    /// <summary>Where training stands, on the device.</summary>
    /// <param name="step">The step.</param>
    /// <param name="learningRate">The learning rate.</param>
    public DeviceArray<StepState> State(int step, float learningRate) => new(this, [new StepState(step, learningRate)], Guard.State);

    /// <summary>Memory for results, filled with NaN so that one that was never written shows.</summary>
    /// <param name="length">How many.</param>
    public DeviceArray<float> Output(int length) => Upload(Unset(length));

    /// <summary>Hands over the memory that operations have taken so far, for the caller to check and to dispose.</summary>
    public IReadOnlyList<DeviceArray<float>> TakeBack()
    {
        DeviceArray<float>[] all = [.. lent];
        lent.Clear();
        return all;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{name} {shape.GroupSize}x{shape.MaxGroups} tile {shape.ThreadTileRows}x{shape.ThreadTileColumns}"
        + (misalignment == 0 ? "" : $" from {misalignment}");

    // New each time, so that no launch finds what another left. Scratch is aligned: it holds structures.
    ArrayView<float> Lend(long length)
    {
        var array = new DeviceArray<float>(this, Unset((int)length), Guard.Value);
        lent.Add(array);
        return array;
    }

    static float[] Unset(int length)
    {
        var values = new float[length];
        Array.Fill(values, float.NaN);
        return values;
    }
}
