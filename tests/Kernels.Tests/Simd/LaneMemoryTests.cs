using ILGPU;
using Makemore.Gpu.Kernels.Simd;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Simd;

[TestFixture(typeof(Avx512Lanes), typeof(Pointer<Avx512Lanes>))]
[TestFixture(typeof(Avx2Lanes), typeof(Pointer<Avx2Lanes>))]
[TestFixture(typeof(PortableLanes), typeof(Pointer<PortableLanes>))]
[TestFixture(typeof(PortableLanes), typeof(ViewMemory))]
sealed class LaneMemoryTests<TLanes, TMemory>() : KernelTests(TestBenches.Processor)
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    static int Count => TLanes.Count;

    [OneTimeSetUp]
    public void SkipWhereMissing() => LaneSupport.SkipWhereMissing<TLanes>();

    [Test]
    public void One_value_is_read_and_written_at_its_offset()
    {
        DeviceArray<float> array = Upload(1f, 2f, 3f, 4f, 5f);
        TMemory memory = Memory(array, start: 1).From(1);
        Assert.That(memory.Read(2), Is.EqualTo(5f));
        memory.Write(-1, 7f);
        Assert.That(array.Read(), Is.EqualTo([1f, 7f, 3f, 4f, 5f]));
    }

    [TestCase(0)]
    [TestCase(27)]
    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    [TestCase(int.MinValue)]
    [TestCase(0x7F800001)]
    public void Integers_are_stored_by_their_bits(int number)
    {
        DeviceArray<int> array = Upload([1, 2, 3]);
        TMemory memory = Memory(array.View.Cast<float>(), start: 0);
        Assert.That(memory.ReadInteger(2), Is.EqualTo(3));
        memory.WriteInteger(1, number);
        Assert.That(memory.ReadInteger(1), Is.EqualTo(number));
        Assert.That(array.Read(), Is.EqualTo([1, number, 3]));
    }

    [Test]
    public void Lanes_are_loaded_and_stored_one_after_another()
    {
        float[] values = Samples.Normal((2 * Count) + 3, seed: 1);
        DeviceArray<float> array = Upload(values);
        TMemory memory = Memory(array, start: 1);
        memory.Store(Count + 1, memory.Load(0));
        Assert.That(array.Read(), Is.EqualTo([.. values[..(Count + 2)], .. values[1..(Count + 1)], values[^1]]));
    }

    [Test]
    public void Broadcast_reads_one_value_for_every_lane()
    {
        DeviceArray<float> array = Upload([1f, 2f, .. new float[Count]]);
        TMemory memory = Memory(array, start: 1);
        memory.Store(1, memory.Broadcast(0));
        Assert.That(array.Read(), Is.EqualTo([1f, 2f, .. Enumerable.Repeat(2f, Count)]));
    }

    [Test]
    public void SumRows_gives_the_sum_of_each_row()
    {
        float[] values = Samples.Normal(Count * Count, seed: 2, mean: 0.1);
        values[^2] = float.NaN;
        values[3] = float.PositiveInfinity;
        GuardedMatrix rows = Guarded(values, Count), sums = Guarded(new float[Count], Count);
        TMemory.At(sums.Memory).Store(0, TLanes.SumRows(TMemory.At(rows.Memory)));
        rows.AssertGuarded();
        Matrix<double> matrix = values.ToMatrix(Count);
        Tensors.AssertClose(
            sums.Read(), matrix.RowSums(), Tolerances.Rounding, Tolerances.Gamma(Count - 1) * matrix.PointwiseAbs().RowSums());
    }

    [Test]
    public void Transpose_exchanges_rows_and_columns([Values(0, 5)] int sourceGap, [Values(0, 3)] int targetGap)
    {
        float[] values = [.. Enumerable.Range(0, Count * Count).Select(i => (float)i)];
        GuardedMatrix source = Guarded(values, Count + sourceGap), target = Guarded(new float[values.Length], Count + targetGap);
        TLanes.Transpose(TMemory.At(source.Memory), Count + sourceGap, TMemory.At(target.Memory), Count + targetGap);
        source.AssertUnchanged();
        target.AssertGuarded();
        Assert.That(target.Read(), Is.EqualTo(values.ToMatrix(Count).Transpose().ToFloats()));
    }

    static TMemory Memory(ArrayView<float> view, int start) => TMemory.At(new ViewMemory(view, start));

    GuardedMatrix Guarded(float[] values, int stride) => Keep(new GuardedMatrix(Bench, values, Count, stride: stride));
}
