using System.Numerics;

namespace Makemore.Gpu.Model.Random;

/// <summary>The parts of Python's <c>random</c> module that the lectures use, number for number.</summary>
sealed class PythonRandom
{
    readonly MersenneTwister bits;

    /// <summary>The same as <c>random.seed(seed)</c>.</summary>
    /// <param name="seed">The seed.</param>
    public PythonRandom(int seed) => bits = new MersenneTwister([(uint)Math.Abs((long)seed)]);

    /// <summary>The same as <c>random.shuffle(items)</c>.</summary>
    /// <typeparam name="T">What is shuffled.</typeparam>
    /// <param name="items">The items, shuffled in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    // As many bits as the bound has, drawn again while they reach it.
    int Below(int bound)
    {
        int unused = BitOperations.LeadingZeroCount((uint)bound);
        uint value;
        do
        {
            value = bits.Next32() >> unused;
        }
        while (value >= bound);
        return (int)value;
    }
}
