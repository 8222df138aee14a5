using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Options;

/// <summary>Whole numbers as they are typed.</summary>
sealed class WholeNumberTests : CommandTests
{
    [TestCase("100000", 100_000)]
    [TestCase("100_000", 100_000)]
    [TestCase("1_00_000", 100_000)]
    [TestCase("1e5", 100_000)]
    [TestCase("1E+5", 100_000)]
    [TestCase("1.5e3", 1_500)]
    [TestCase("20e-1", 2)]
    [TestCase("-1e2", -100)]
    public void It_may_have_an_exponent_and_underscores(string text, int number) =>
        Assert.That(WholeNumber.Parse<int>(text), Is.EqualTo(number));

    [TestCase("1.5e0")]
    [TestCase("1e-5")]
    [TestCase("1e10")]
    [TestCase("1e99")]
    [TestCase("100.0")]
    [TestCase("_1")]
    [TestCase("1_")]
    [TestCase("1__0")]
    [TestCase("1_e5")]
    [TestCase("1,000")]
    [TestCase("e5")]
    [TestCase("")]
    public void What_is_not_whole_or_too_large_is_none(string text) => Assert.That(WholeNumber.Parse<int>(text), Is.Null);

    [Test]
    public void A_seed_keeps_its_every_digit() =>
        Assert.That(WholeNumber.Parse<ulong>("18_446_744_073_709_551_615"), Is.EqualTo(ulong.MaxValue));

    [Test]
    public void Options_take_it()
    {
        Train("--steps", "1e1", "--hidden", "1_0", "--seed", "4_2", "--threads", "1e0", "--run", "run");
        Assert.That(File.ReadAllLines(Path.Combine("run", "metrics.jsonl")), Has.Length.EqualTo(10));
        Refuse(Training("--steps", "1.5e0"), "--steps is '1.5e0'", "whole number");
    }
}
