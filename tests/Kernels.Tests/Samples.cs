using CsCheck;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>The values that kernels are tried with: fixed ones, the same in every run, and generators of random ones.</summary>
static class Samples
{
    /// <summary>Rows and columns of matrices: 1, primes, one past a tile or a group, more elements than a launch has threads.</summary>
    public static readonly int[][] MatrixShapes = [[1, 1], [1, 7], [13, 1], [2, 3], [17, 65], [33, 129]];

    /// <summary>Plain values with an occasional zero, tiny or large one among them.</summary>
    public static readonly Gen<float> Value = Gen.Frequency(
        (6, (IGen<float>)Gen.Float[-3, 3]),
        (1, Gen.Const(0f)),
        (1, Gen.Float[-1e-3f, 1e-3f]),
        (1, Gen.Float[-100, 100]));

    /// <summary>Normally distributed values, the same for the same seed.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="deviation">Their standard deviation.</param>
    public static float[] Normal(int count, int seed, double mean = 0, double deviation = 1)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(mean + (deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble())));
        }
        return values;
    }

    /// <summary>Integers in 0 … below-1, the same for the same seed.</summary>
    /// <param name="count">How many.</param>
    /// <param name="below">What all are less than.</param>
    /// <param name="seed">The seed.</param>
    public static int[] Integers(int count, int below, int seed)
    {
        var random = new Random(seed);
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.Next(below);
        }
        return values;
    }

    /// <summary>Numbers between two positive ones and their negatives, a step apart in the order of all single-precision numbers.</summary>
    /// <param name="first">The smallest magnitude.</param>
    /// <param name="last">No magnitude is larger.</param>
    /// <param name="step">How many numbers to go on each time: 1 takes them all.</param>
    public static float[] Sweep(float first, float last, int step)
    {
        var values = new List<float>();
        for (int bits = BitConverter.SingleToInt32Bits(first); bits <= BitConverter.SingleToInt32Bits(last); bits += step)
        {
            float value = BitConverter.Int32BitsToSingle(bits);
            values.Add(value);
            values.Add(-value);
        }
        return [.. values];
    }
}
