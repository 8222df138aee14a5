using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tests.Simd;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// The guards themselves: what a kernel that goes too far does must show. The kernels reach memory by its address, as tile operations do:
/// on the CPU accelerator a view tells an index out of range itself, and ends the process.
/// </summary>
/// <param name="body">What runs the faulty operation.</param>
[TestFixtureSource(typeof(TileBody), nameof(TileBody.OfEachAccelerator))]
sealed class DeviceArrayTests(TileBody body)
{
    const int Length = 5;

    [Test]
    public void A_value_within_the_array_may_be_written([Values(0, Length - 1)] int index)
    {
        using DeviceArray<float> array = body.Bench.Upload(new float[Length]);
        body.Run(new WriteOperation(new(array, 0), index, 1f));
        Assert.That(array.Read()[index], Is.EqualTo(1f));
    }

    [Test]
    public void A_single_value_that_is_written_outside_is_told([Values(-576, -2, -1, Length, Length + 1, Length + 575)] int index)
    {
        using DeviceArray<float> array = body.Bench.Upload(new float[Length]);
        body.Run(new WriteOperation(new(array, 0), index, float.NaN));
        AssertTold(array, index);
    }

    // The sum of NaN and a number is NaN again.
    [Test]
    public void An_addition_to_what_stands_outside_is_told([Values(-2, -1, Length, Length + 1)] int index)
    {
        using DeviceArray<float> array = body.Bench.Upload(new float[Length]);
        body.Run(new AddOperation(new(array, 0), index, 1e30f));
        AssertTold(array, index);
    }

    [Test]
    public void A_value_that_is_read_outside_spoils_a_sum([Values(-2, -1, Length, Length + 1)] int index)
    {
        using DeviceArray<float> array = body.Bench.Upload(new float[Length]), sum = body.Bench.Output(1);
        body.Run(new CopyOperation(new(array, 0), index, new(sum, 0)));
        Assert.That(1f + sum.Read()[0], Is.NaN.Or.GreaterThan(1e30f));
    }

    [Test]
    public void Integers_and_memory_that_operations_take_are_guarded_as_well([Values(-1, Length)] int index)
    {
        using DeviceArray<int> integers = body.Bench.Upload(new int[Length]);
        body.Run(new WriteOperation(new(integers.View.Cast<float>(), 0), index, 0f));
        AssertTold(integers, index);

        var workspace = new Kernels.Devices.Workspace(body.Bench.Launcher);
        body.Run(new WriteOperation(new(workspace.Take<float>(Length), 0), index, 0f));
        using DeviceArray<float> taken = body.Bench.TakeBack().Single();
        AssertTold(taken, index);
    }

    static void AssertTold(IDeviceArray array, int index)
    {
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            Assert.That(
                array.AssertGuarded, Throws.TypeOf<AssertionException>().With.Message.Contains($"< {index} >"), "the guard says nothing");
        }
    }

    internal readonly record struct WriteOperation(ViewMemory Target, int Index, float Value) : ITileOperation
    {
        public void Run<TLanes, TMemory>()
            where TLanes : unmanaged, ILanes<TLanes>
            where TMemory : struct, IMemory<TMemory, TLanes> => TMemory.At(Target).Write(Index, Value);
    }

    internal readonly record struct AddOperation(ViewMemory Target, int Index, float Value) : ITileOperation
    {
        public void Run<TLanes, TMemory>()
            where TLanes : unmanaged, ILanes<TLanes>
            where TMemory : struct, IMemory<TMemory, TLanes> => TMemory.At(Target).Write(Index, TMemory.At(Target).Read(Index) + Value);
    }

    internal readonly record struct CopyOperation(ViewMemory Source, int Index, ViewMemory Target) : ITileOperation
    {
        public void Run<TLanes, TMemory>()
            where TLanes : unmanaged, ILanes<TLanes>
            where TMemory : struct, IMemory<TMemory, TLanes> => TMemory.At(Target).Write(0, TMemory.At(Source).Read(Index));
    }
}
