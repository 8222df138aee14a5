using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Makemore.Gpu.Model.Random;

/// <summary>
/// <c>torch.Generator</c> on the CPU: the draws that the lectures make, in torch's order and with its numbers, so that a run can be
/// compared with PyTorch's step by step.
/// </summary>
sealed class TorchGenerator
{
    /// <summary>From this many values on, torch draws normal numbers in blocks.</summary>
    const int BlockedFrom = 16;

    readonly MersenneTwister bits;
    double? keptNormal;

    /// <summary>Seeds the generator, of whose seed torch takes the low 32 bits.</summary>
    /// <param name="seed">The seed.</param>
    public TorchGenerator(ulong seed) => bits = new MersenneTwister((uint)seed);

    TorchGenerator(TorchGenerator other)
    {
        bits = new MersenneTwister(other.bits);
        keptNormal = other.keptNormal;
    }

    TorchGenerator(MersenneTwister bits, double? keptNormal)
    {
        this.bits = bits;
        this.keptNormal = keptNormal;
    }

    /// <summary>A generator that gives the numbers which this one will give.</summary>
    public TorchGenerator Clone() => new(this);

    /// <summary>Goes on from a state that <see cref="ToText"/> has given.</summary>
    /// <param name="state">The state.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static TorchGenerator Parse(string state)
    {
        byte[] bytes = Base64Url.DecodeFromChars(state);
        if (bytes.Length < MersenneTwister.StateBytes)
        {
            throw new FormatException($"the state of a random generator ends after {bytes.Length} bytes");
        }
        ReadOnlySpan<byte> kept = bytes.AsSpan(MersenneTwister.StateBytes);
        return new TorchGenerator(
            MersenneTwister.Read(bytes.AsSpan(0, MersenneTwister.StateBytes)),
            kept.IsEmpty ? null
            : kept.Length == sizeof(double) ? BinaryPrimitives.ReadDoubleLittleEndian(kept)
            : throw new FormatException($"{kept.Length} bytes follow the state of a random generator"));
    }

    /// <summary>The generator's state as text, from which <see cref="Parse"/> goes on.</summary>
    public string ToText()
    {
        var bytes = new byte[MersenneTwister.StateBytes + (keptNormal is null ? 0 : sizeof(double))];
        bits.Write(bytes);
        if (keptNormal is { } kept)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(MersenneTwister.StateBytes), kept);
        }
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary><c>torch.randint(low, high, (values.Length,), generator=g)</c>.</summary>
    /// <param name="low">The least value.</param>
    /// <param name="high">One more than the largest value; above <paramref name="low"/>.</param>
    /// <param name="values">Where the values go.</param>
    public void RandInt(int low, int high, Span<int> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(low, high);
        uint range = (uint)(high - low);
        Span<uint> words = MemoryMarshal.Cast<int, uint>(values);
        bits.Fill(words);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = low + (int)(words[i] % range);
        }
    }

    /// <summary>Leaves out values of <see cref="RandInt"/>.</summary>
    /// <param name="count">How many.</param>
    public void SkipInts(long count) => bits.Skip(count);

    /// <summary><c>torch.rand(shape, generator=g)</c>: uniform values, at least 0 and below 1.</summary>
    /// <param name="count">How many values the shape has.</param>
    public float[] Rand(int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Uniform24();
        }
        return values;
    }

    /// <summary><c>torch.randn(shape, generator=g)</c>: standard normal values, row by row.</summary>
    /// <param name="count">How many values the shape has.</param>
    public float[] RandN(int count)
    {
        if (count < BlockedFrom)
        {
            var few = new float[count];
            for (int i = 0; i < count; i++)
            {
                few[i] = (float)Normal();
            }
            return few;
        }

        float[] values = Rand(count);
        int blocked = count / BlockedFrom * BlockedFrom;
        for (int start = 0; start < blocked; start += BlockedFrom)
        {
            TransformBlock(values.AsSpan(start, BlockedFrom));
        }
        if (blocked < count)
        {
            // The last block reaches back into the one before, on fresh uniforms.
            Span<float> last = values.AsSpan(count - BlockedFrom);
            for (int i = 0; i < last.Length; i++)
            {
                last[i] = Uniform24();
            }
            TransformBlock(last);
        }
        return values;
    }

    /// <summary><c>torch.multinomial(probabilities, 1, generator=g)</c>: one draw; consumes one number for each category.</summary>
    /// <param name="probabilities">The weight of each category, not negative; need not sum to 1.</param>
    /// <returns>The category drawn.</returns>
    public int Multinomial(ReadOnlySpan<float> probabilities)
    {
        // The largest p/q with exponential q falls on a category with probability p.
        int best = 0;
        float largest = float.NegativeInfinity;
        for (int i = 0; i < probabilities.Length; i++)
        {
            float exponential = (float)-Math.Log(1.0 - Uniform53());
            float ratio = probabilities[i] / exponential;
            if (ratio > largest)
            {
                largest = ratio;
                best = i;
            }
        }
        return best;
    }

    // Box and Muller's transform: eight radii and eight angles give sixteen values.
    static void TransformBlock(Span<float> block)
    {
        for (int j = 0; j < BlockedFrom / 2; j++)
        {
            float radius = MathF.Sqrt(-2f * MathF.Log(1f - block[j]));
            float angle = 2f * MathF.PI * block[j + (BlockedFrom / 2)];
            block[j] = radius * MathF.Cos(angle);
            block[j + (BlockedFrom / 2)] = radius * MathF.Sin(angle);
        }
    }

    // The same transform in double; the second value of a pair is kept for the next call.
    double Normal()
    {
        if (keptNormal is { } kept)
        {
            keptNormal = null;
            return kept;
        }
        double u1 = Uniform53();
        double u2 = Uniform53();
        double radius = Math.Sqrt(-2.0 * Math.Log(1.0 - u2));
        double angle = 2.0 * Math.PI * u1;
        keptNormal = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    float Uniform24() => (bits.Next32() & 0xFFFFFF) * (1f / (1 << 24));

    double Uniform53() => (bits.Next64() & ((1UL << 53) - 1)) * (1.0 / (1UL << 53));
}
