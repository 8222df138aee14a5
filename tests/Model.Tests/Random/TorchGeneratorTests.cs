using System.Buffers.Text;
using System.Text;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Random;

// The dump of libtorch, against which all other draws are compared, is in LectureBatchTests.
sealed class TorchGeneratorTests
{
    const ulong Seed = 2147483647;

    // What torch prints for: torch.manual_seed(seed); torch.randn(count)
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    [TestCase(700)]
    public void It_goes_on_from_its_state_as_text(int drawn)
    {
        var generator = new TorchGenerator(42);
        generator.RandInt(0, 1000, new int[drawn]);
        // Of a pair of normal numbers one is kept.
        generator.RandN(drawn % 2);
        var restored = TorchGenerator.Parse(generator.ToText());
        Assert.That(restored.ToText(), Is.EqualTo(generator.ToText()));
        Assert.That(restored.RandN(3), Is.EqualTo(generator.RandN(3)));
        Assert.That(restored.Rand(700), Is.EqualTo(generator.Rand(700)));
    }

    [TestCase("")]
    [TestCase("AAAA")]
    [TestCase("no state")]
    public void A_state_that_is_none_is_refused(string state) =>
        Assert.Throws<FormatException>(() => TorchGenerator.Parse(state));

    [Test]
    public void Numbers_that_are_left_out_are_those_that_would_have_been_drawn([Values(0, 1, 623, 624, 625, 5000)] int count)
    {
        var drawing = new TorchGenerator(7);
        TorchGenerator skipping = drawing.Clone();
        drawing.RandInt(0, 1000, new int[count]);
        skipping.SkipInts(count);
        var (drawn, skipped) = (new int[10], new int[10]);
        drawing.RandInt(0, 1000, drawn);
        skipping.RandInt(0, 1000, skipped);
        Assert.That(skipped, Is.EqualTo(drawn));
    }

    [Test]
    public void A_state_beyond_its_words_is_refused()
    {
        byte[] bytes = Base64Url.DecodeFromChars(new TorchGenerator(1).ToText());
        bytes[^1] = 1;
        Assert.Throws<FormatException>(() => TorchGenerator.Parse(Base64Url.EncodeToString(bytes)));
        Assert.Throws<FormatException>(() => TorchGenerator.Parse(Base64Url.EncodeToString([.. bytes, 0, 0])));
    }

    [Test]
    public void A_clone_gives_the_numbers_that_its_original_will_give()
    {
        var generator = new TorchGenerator(7);
        generator.RandN(3);
        TorchGenerator clone = generator.Clone();
        var (expected, actual) = (new int[1000], new int[1000]);
        float[] normals = generator.RandN(3);
        generator.RandInt(0, 1 << 20, expected);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(clone.RandN(3), Is.EqualTo(normals));
            clone.RandInt(0, 1 << 20, actual);
            Assert.That(actual, Is.EqualTo(expected));
        }
    }

    [TestCase(0UL, 1.5410, -0.2934, -2.1788, 0.5684, -1.0845, -1.3986)]
    [TestCase(42UL, 0.3367, 0.1288, 0.2345, 0.2303, -1.1229)]
    public void Few_normal_values_are_torchs(ulong seed, params double[] expected)
    {
        float[] values = new TorchGenerator(seed).RandN(expected.Length);
        Assert.That(values, Is.EqualTo(expected).Within(1e-4));
    }

    [Test]
    public void Rand_is_that_of_torch() =>
        Assert.That(new TorchGenerator(42).Rand(4), Is.EqualTo(new[] { 0.8823, 0.9150, 0.3829, 0.9593 }).Within(5e-5));

    [Test]
    public void Only_the_low_32_bits_of_a_seed_count() =>
        Assert.That(new TorchGenerator((7UL << 32) | 42).RandN(20), Is.EqualTo(new TorchGenerator(42).RandN(20)));

    [Test]
    public void The_second_of_a_pair_is_kept_over_large_draws()
    {
        float[] pair = new TorchGenerator(Seed).RandN(2);
        var generator = new TorchGenerator(Seed);
        float first = generator.RandN(1)[0];
        generator.RandN(40);
        generator.RandInt(0, 10, new int[3]);
        generator.Multinomial([1f, 1f]);
        Assert.That(new[] { first, generator.RandN(1)[0] }, Is.EqualTo(pair));
    }

    [Test]
    public void A_kept_value_costs_no_random_numbers()
    {
        var pairwise = new TorchGenerator(Seed);
        pairwise.RandN(2);
        var single = new TorchGenerator(Seed);
        single.RandN(1);
        single.RandN(1);
        Assert.That(single.RandN(32), Is.EqualTo(pairwise.RandN(32)));
    }

    [TestCase(15, 16)]
    [TestCase(16, 16)]
    [TestCase(17, 17 + 16)]
    [TestCase(27, 27 + 16)]
    [TestCase(32, 32)]
    [TestCase(0, 0)]
    public void Normal_values_consume_as_many_words_as_in_torch(int count, int words)
    {
        // Below 16 each pair takes four words: fifteen values take eight pairs.
        int consumed = count is > 0 and < 16 ? words * 2 : words;
        var generator = new TorchGenerator(Seed);
        generator.RandN(count);
        var bits = new MersenneTwister((uint)Seed);
        for (int i = 0; i < consumed; i++)
        {
            bits.Next32();
        }
        var next = new int[1];
        generator.RandInt(0, int.MaxValue, next);
        Assert.That(next[0], Is.EqualTo((int)(bits.Next32() % int.MaxValue)));
    }

    [TestCase(17)]
    [TestCase(27)]
    [TestCase(31)]
    [TestCase(270)]
    public void The_last_sixteen_of_an_odd_count_are_drawn_afresh(int count)
    {
        float[] values = new TorchGenerator(Seed).RandN(count);
        float[] blocks = new TorchGenerator(Seed).RandN(count / 16 * 16);
        var after = new TorchGenerator(Seed);
        after.RandInt(0, 2, new int[count]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values[..^16], Is.EqualTo(blocks[..(count - 16)]));
            Assert.That(values[^16..], Is.EqualTo(after.RandN(16)));
        }
    }

    [Test]
    public void Normal_values_have_mean_0_and_variance_1()
    {
        float[] values = new TorchGenerator(Seed).RandN(100_000);
        double mean = values.Average(value => (double)value);
        double variance = values.Average(value => (value - mean) * (value - mean));
        using (Assert.EnterMultipleScope())
        {
            // Four standard errors.
            Assert.That(mean, Is.EqualTo(0).Within(4 / Math.Sqrt(100_000)));
            Assert.That(variance, Is.EqualTo(1).Within(4 * Math.Sqrt(2.0 / 100_000)));
        }
    }

    [TestCase(0, 7)]
    [TestCase(-3, 3)]
    [TestCase(5, 6)]
    public void Integers_take_all_values_between_their_bounds_and_no_others(int low, int high)
    {
        var values = new int[1000];
        new TorchGenerator(Seed).RandInt(low, high, values);
        Assert.That(values.Distinct().Order(), Is.EqualTo(Enumerable.Range(low, high - low)));
    }

    [Test]
    public void Integers_of_the_widest_range_stay_in_it()
    {
        var values = new int[1000];
        new TorchGenerator(Seed).RandInt(int.MinValue, int.MaxValue, values);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values, Has.None.EqualTo(int.MaxValue));
            Assert.That(values.Count(value => value < 0), Is.InRange(400, 600));
        }
    }

    [Test]
    public void An_empty_range_has_no_integers() =>
        Assert.That(() => new TorchGenerator(Seed).RandInt(3, 3, new int[1]), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Categories_come_as_often_as_their_weights_say()
    {
        float[] weights = [1f, 2f, 0f, 3f, 4f];
        const int draws = 20_000;
        var generator = new TorchGenerator(Seed);
        var counts = new int[weights.Length];
        for (int i = 0; i < draws; i++)
        {
            counts[generator.Multinomial(weights)]++;
        }
        double chiSquare = weights.Zip(counts, (weight, count) => (Expected: draws * weight / 10.0, Count: count))
            .Where(category => category.Expected > 0)
            .Sum(category => Math.Pow(category.Count - category.Expected, 2) / category.Expected);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(counts[2], Is.Zero, "a weight of 0");
            Assert.That(chiSquare, Is.LessThan(16.27), "the bound that three degrees of freedom pass once in a thousand times");
        }
    }

    [Test]
    public void All_weight_on_one_category_draws_it([Range(0, 4)] int category)
    {
        var weights = new float[5];
        weights[category] = 0.25f;
        var generator = new TorchGenerator(Seed);
        Assert.That(Enumerable.Range(0, 50).Select(_ => generator.Multinomial(weights)), Is.All.EqualTo(category));
    }

    [Test]
    public void A_draw_consumes_two_words_for_each_category()
    {
        var generator = new TorchGenerator(Seed);
        generator.Multinomial(new float[27]);
        var other = new TorchGenerator(Seed);
        other.RandInt(0, 2, new int[54]);
        Assert.That(generator.RandN(16), Is.EqualTo(other.RandN(16)));
    }

    // The bigram model of the first lecture, its counts smoothed by one, prints these names for this seed.
    [Test]
    public void The_bigram_names_of_the_lecture_come_out()
    {
        Dataset data = TestData.Lecture;
        int size = data.Vocabulary.Count;
        var counts = new float[size, size];
        foreach (string name in data.File.Names)
        {
            int before = 0;
            foreach (int token in data.Vocabulary.Encode(name).Append(0))
            {
                counts[before, token]++;
                before = token;
            }
        }

        var generator = new TorchGenerator(Seed);
        var names = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            var name = new StringBuilder();
            int token = 0;
            do
            {
                float[] row = [.. Enumerable.Range(0, size).Select(v => counts[token, v] + 1)];
                float sum = row.Sum();
                token = generator.Multinomial(Array.ConvertAll(row, count => count / sum));
                name.Append(data.Vocabulary.Tokens[token]);
            }
            while (token != 0);
            names.Add(name.ToString());
        }
        Assert.That(names, Is.EqualTo(new[] { "cexze.", "momasurailezitynn.", "konimittain.", "llayn.", "ka." }));
    }
}
