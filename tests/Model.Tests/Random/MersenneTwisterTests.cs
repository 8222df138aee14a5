using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Random;

// The numbers are those that the generator's authors publish, and the C++ standard's for its 10,000th.
sealed class MersenneTwisterTests
{
    [Test]
    public void A_number_as_seed_gives_the_published_outputs()
    {
        var bits = new MersenneTwister(5489u);
        uint[] first = [bits.Next32(), bits.Next32(), bits.Next32(), bits.Next32(), bits.Next32()];
        Assert.That(first, Is.EqualTo(new[] { 3499211612u, 581869302u, 3890346734u, 3586334585u, 545404204u }));
    }

    [Test]
    public void The_ten_thousandth_output_is_the_published_one()
    {
        var bits = new MersenneTwister(5489u);
        for (int i = 1; i < 10_000; i++)
        {
            bits.Next32();
        }
        Assert.That(bits.Next32(), Is.EqualTo(4123659995u));
    }

    [Test]
    public void Words_as_seed_give_the_published_outputs()
    {
        var bits = new MersenneTwister([0x123, 0x234, 0x345, 0x456]);
        uint[] first = [bits.Next32(), bits.Next32(), bits.Next32(), bits.Next32(), bits.Next32()];
        Assert.That(first, Is.EqualTo(new[] { 1067595299u, 955945823u, 477289528u, 4107218783u, 4228976476u }));
    }

    [Test]
    public void Many_words_at_a_time_are_those_that_come_one_by_one([Values(1, 7, 8, 9, 227, 623, 624, 625, 2000)] int length)
    {
        var one = new MersenneTwister(5489);
        var many = new MersenneTwister(5489);
        var words = new uint[length];
        for (int i = 0; i < 5; i++)
        {
            many.Fill(words);
            Assert.That(words, Is.EqualTo(Enumerable.Range(0, length).Select(_ => one.Next32())));
        }
    }

    [Test]
    public void The_first_word_is_the_upper_half_of_64_bits() =>
        Assert.That(new MersenneTwister(5489u).Next64(), Is.EqualTo((3499211612UL << 32) | 581869302UL));

    [Test]
    public void No_words_are_no_seed() =>
        Assert.That(() => new MersenneTwister(ReadOnlySpan<uint>.Empty), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
