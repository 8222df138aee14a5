using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Random;

// What python3 prints for: random.seed(seed); l = list(range(20)); random.shuffle(l); print(l)
sealed class PythonRandomTests
{
    [TestCase(0, 10, 18, 16, 14, 0, 17, 11, 2, 3, 9, 5, 7, 4, 19, 6, 15, 8, 1, 13, 12)]
    [TestCase(1, 11, 5, 17, 19, 9, 0, 16, 1, 15, 6, 10, 13, 14, 12, 7, 3, 8, 2, 18, 4)]
    [TestCase(42, 19, 5, 14, 4, 9, 13, 15, 18, 6, 12, 17, 10, 1, 11, 2, 16, 7, 8, 0, 3)]
    [TestCase(int.MaxValue, 1, 14, 16, 17, 4, 5, 15, 7, 13, 11, 2, 18, 8, 12, 0, 19, 9, 6, 3, 10)]
    [TestCase(-7, 17, 15, 11, 18, 7, 6, 19, 3, 14, 0, 9, 5, 16, 8, 13, 2, 1, 12, 4, 10)]
    [TestCase(int.MinValue, 0, 9, 19, 8, 15, 6, 4, 18, 7, 2, 13, 17, 14, 11, 1, 3, 5, 16, 12, 10)]
    public void Shuffles_as_python_does(int seed, params int[] expected)
    {
        int[] items = [.. Enumerable.Range(0, 20)];
        new PythonRandom(seed).Shuffle(items);
        Assert.That(items, Is.EqualTo(expected));
    }

    [Test]
    public void Shuffles_a_long_list_as_python_does()
    {
        int[] items = [.. Enumerable.Range(0, 1000)];
        new PythonRandom(42).Shuffle(items);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(items[..10], Is.EqualTo(new[] { 776, 507, 895, 922, 33, 483, 85, 750, 354, 523 }));
            Assert.That(items[^3..], Is.EqualTo(new[] { 25, 114, 654 }));
        }
    }

    [Test]
    public void The_sign_of_a_seed_means_nothing()
    {
        string[] one = ["a", "b", "c", "d", "e", "f"];
        string[] other = [.. one];
        new PythonRandom(1234567).Shuffle(one);
        new PythonRandom(-1234567).Shuffle(other);
        Assert.That(other, Is.EqualTo(one));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_list_with_nothing_to_shuffle_stays_and_draws_nothing(int count)
    {
        var random = new PythonRandom(1);
        random.Shuffle(new int[count]);
        int[] items = [.. Enumerable.Range(0, 20)];
        random.Shuffle(items);
        Assert.That(items[..3], Is.EqualTo(new[] { 11, 5, 17 }));
    }
}
