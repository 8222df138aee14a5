using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

sealed class ProcessorTests
{
    [Test]
    public void The_processor_has_a_name_in_one_line_and_vectors() => Assert.That(
        Processor.Current, Has.Property(nameof(Processor.Name)).Matches(@"^\S+( \S+)*$")
            .And.Property(nameof(Processor.Lanes)).EqualTo(Processor.Current.Vectors == "avx512" ? 16 : 8)
            .And.Property(nameof(Processor.Threads)).EqualTo(Environment.ProcessorCount));

    [Test]
    public void Cores_are_no_more_than_threads() =>
        Assert.That(Processor.Current.Cores, Is.Null.Or.InRange(1, Environment.ProcessorCount));

    [TestCase("0", 0)]
    [TestCase("0-2,5\n", 0, 1, 2, 5)]
    [TestCase(" 3 , 7-8", 3, 7, 8)]
    [TestCase("")]
    [TestCase("none")]
    public void Lists_of_Linux_are_read(string list, params int[] numbers) =>
        Assert.That(Processor.Numbers(list), Is.EqualTo(numbers));
}
