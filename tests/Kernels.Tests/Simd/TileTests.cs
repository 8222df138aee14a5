using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

/// <summary>
/// What tests of tile operations share: the body that they run, and operands that it may only change where it is meant to. An
/// activation has a row for each feature and an example in each column.
/// </summary>
/// <param name="body">The body.</param>
[TestFixtureSource(typeof(TileBody), nameof(TileBody.All))]
abstract class TileTests(TileBody body) : KernelTests(body.Bench)
{
    /// <summary>Features: one, and on either side of a vector's lanes.</summary>
    protected static readonly int[] FeatureCounts = [1, 5, 16, 17, 33];

    /// <summary>Examples: few, and on either side of one, two and three vectors.</summary>
    protected static readonly int[] BatchSizes = [2, 5, 7, 15, 16, 17, 31, 32, 33, 48];

    /// <summary>Rows and columns of matrices: single ones, and on either side of one, two and four vectors.</summary>
    protected static readonly int[] Lengths = [1, 15, 16, 17, 27, 31, 32, 33, 65];

    readonly List<GuardedMatrix> operands = [];

    /// <summary>The body.</summary>
    protected TileBody Body => body;

    /// <summary>Skips everything where the processor lacks what the body needs.</summary>
    [OneTimeSetUp]
    public void SkipWhereMissing() => body.SkipWhereMissing();

    /// <summary>Runs an operation. Fails where it changes an operand that is not a target, or writes around one that is.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="targets">The operands that it is meant to change.</param>
    protected void Run<TOperation>(TOperation operation, params GuardedMatrix[] targets)
        where TOperation : struct, ITileOperation
    {
        GuardedMatrix[] others = [.. operands.Except(targets)];
        operands.Clear();
        body.Run(operation);
        Array.ForEach(others, operand => operand.AssertUnchanged());
        Array.ForEach(targets, target => target.AssertGuarded());
    }

    /// <summary>A matrix whose rows lie apart.</summary>
    /// <param name="values">The values, row by row.</param>
    /// <param name="columns">Columns.</param>
    protected GuardedMatrix Matrix(float[] values, int columns) =>
        Operand(new(Bench, values, columns, stride: columns + 5, alignment: body.Alignment));

    /// <summary>Rows of examples, padded to whole vectors.</summary>
    /// <param name="values">The values, feature by feature.</param>
    /// <param name="batch">How many examples.</param>
    /// <param name="padding">What the padding holds.</param>
    protected GuardedMatrix Activations(float[] values, int batch, float padding) =>
        Operand(new(Bench, values, batch, Padded(batch) - batch, padding, alignment: body.Alignment));

    /// <summary>A value for each feature, and padding to whole vectors that holds nothing.</summary>
    /// <param name="values">The values.</param>
    protected GuardedMatrix Features(float[] values) => Operand(new(Bench, values, values.Length, Padded(values.Length) - values.Length));

    /// <summary>Integers, which are stored by their bits.</summary>
    /// <param name="values">The numbers, row by row.</param>
    /// <param name="columns">Columns.</param>
    protected GuardedMatrix Integers(int[] values, int columns) =>
        Matrix(Array.ConvertAll(values, BitConverter.Int32BitsToSingle), columns);

    /// <summary>Scratch for an operation's sums, which holds nothing.</summary>
    protected GuardedMatrix Scratch() => Operand(new(Bench, Nothing(TileScratch.Size), TileScratch.Size));

    /// <summary>What stands where a result goes.</summary>
    /// <param name="count">How many values.</param>
    protected static float[] Nothing(int count) => [.. Enumerable.Repeat(float.NaN, count)];

    /// <summary>A length that is padded to whole vectors.</summary>
    /// <param name="length">The length.</param>
    protected int Padded(int length) => (length + body.Padding - 1) / body.Padding * body.Padding;

    /// <summary>An operand, which lives as long as the test.</summary>
    /// <param name="operand">The operand.</param>
    protected GuardedMatrix Operand(GuardedMatrix operand)
    {
        operands.Add(operand);
        return Keep(operand);
    }
}
