using System.Globalization;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>The values that --vary gives a setting.</summary>
sealed class VariationTests
{
    [TestCase("gain=1", "1")]
    [TestCase("learning-rate=0.05,0.1", "0.05", "0.1")]
    [TestCase("gain=0.5|1", "0.5", "1")]
    [TestCase("gain=2,0.5,1", "2", "0.5", "1")]
    [TestCase("gain= 0.5 , 1", "0.5", "1")]
    [TestCase("gain=1,1.0,1e0,2", "1", "2")]
    [TestCase("gain=-1,0", "-1", "0")]
    [TestCase("bn-epsilon=0.00001,1E-7", "1e-05", "1e-07")]
    [TestCase("batch=016,+32", "16", "32")]
    [TestCase("steps=1e3,10_000,10000", "1000", "10000")]
    [TestCase("recipe=kaiming,batchnorm", "kaiming", "batchnorm")]
    [TestCase("activation=tanh,relu", "tanh", "relu")]
    [TestCase("normalization=batch,group:4,none", "batch", "group:4", "none")]
    [TestCase("hidden=100|200|100,100", "100", "200", "100,100")]
    [TestCase("hidden=100,100", "100,100")]
    [TestCase("hidden=200", "200")]
    [TestCase("l2=C=0.1|C=0.1,W1=0.01", "C=0.1", "C=0.1,W1=0.01")]
    [TestCase("hidden-bias=none,0.1", "none", "0.1")]
    public void A_list_has_its_values(string vary, params string[] values) => Assert.That(SweepCall.Values(vary), Is.EqualTo(values));

    [TestCase("gain=0.5..3:6", "0.5", "1", "1.5", "2", "2.5", "3")]
    [TestCase("gain=0..1:4", "0", "0.333333", "0.666667", "1")]
    [TestCase("gain=-0.1..0.3:5", "-0.1", "0", "0.1", "0.2", "0.3")]
    [TestCase("gain=0.123456789..1.123456789:3", "0.123456789", "0.623457", "1.123456789")]
    [TestCase("gain=1..1.000001:3", "1", "1.0000005", "1.000001")]
    [TestCase("gain=1..1:1", "1")]
    [TestCase("gain=1..1:5", "1")]
    [TestCase("gain=1..1", "1")]
    [TestCase("gain=0..1000000:3", "0", "500000", "1000000")]
    [TestCase("gain=1e-3...5:2", "0.001", "0.5")]
    [TestCase("hidden-bias=0..1:3", "0", "0.5", "1")]
    [TestCase("learning-rate=log:0.01..1:3", "0.01", "0.1", "1")]
    [TestCase("learning-rate=log:0.01..1:5", "0.01", "0.0316228", "0.1", "0.316228", "1")]
    [TestCase("bn-epsilon=log:1e-12..1:4", "1e-12", "1e-08", "0.0001", "1")]
    public void A_range_has_its_count_of_numbers_with_both_ends(string vary, params string[] values) =>
        Assert.That(SweepCall.Values(vary), Is.EqualTo(values));

    [TestCase("seed=1..4", "1", "2", "3", "4")]
    [TestCase("steps=1e3..3_000:3", "1000", "2000", "3000")]
    [TestCase("seed=7..7", "7")]
    [TestCase("seed=18446744073709551613..18446744073709551615", "18446744073709551613", "18446744073709551614", "18446744073709551615")]
    [TestCase("seed=0..18446744073709551615:2", "0", "18446744073709551615")]
    [TestCase("steps=-1..1", "-1", "0", "1")]
    [TestCase("batch=10..20:3", "10", "15", "20")]
    [TestCase("batch=1..4:9", "1", "2", "3", "4")]
    [TestCase("batch=log:16..256:5", "16", "32", "64", "128", "256")]
    [TestCase("batch=log:1..8:10", "1", "2", "3", "4", "5", "6", "8")]
    [TestCase("hidden=log:16..64:3", "16", "32", "64")]
    [TestCase("hidden=100,100|8..10", "100,100", "8", "9", "10")]
    public void A_range_of_whole_numbers_has_each_or_its_count_without_repeats(string vary, params string[] values) =>
        Assert.That(SweepCall.Values(vary), Is.EqualTo(values));

    [TestCase("gain=0.5,1..3:5", "0.5", "1", "1.5", "2", "2.5", "3")]
    [TestCase("gain=1,1..2:3,2,5", "1", "1.5", "2", "5")]
    [TestCase("seed=1..3,10,20..22", "1", "2", "3", "10", "20", "21", "22")]
    public void A_list_may_hold_ranges(string vary, params string[] values) => Assert.That(SweepCall.Values(vary), Is.EqualTo(values));

    [Test]
    public void A_range_of_many_numbers_rises_and_repeats_none([Values("0.1..3", "-1..1", "log:1e-6..1", "1..1.0001")] string range)
    {
        double[] values = [.. SweepCall.Values($"gain={range}:5000").Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values, Has.Length.EqualTo(5000));
            Assert.That(values, Is.Ordered.Ascending.And.Unique);
        }
    }

    [Test]
    public void A_culture_changes_no_value()
    {
        CultureInfo former = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
        try
        {
            string[] values = SweepCall.Values("gain=-0.25|log:0.01..1:3");
            Assert.That(values, Is.EqualTo(["-0.25", "0.01", "0.1", "1"]));
        }
        finally
        {
            CultureInfo.CurrentCulture = former;
        }
    }

    // Not as two words: --gain begins an option.
    [Test]
    public void A_name_may_have_its_dashes() => Assert.That(SweepCall.Networks("--vary=--gain=1,2"), Is.EqualTo(["1", "2"]));

    [TestCase("gain")]
    [TestCase("")]
    [TestCase("0.5,1")]
    public void A_text_without_a_name_is_refused(string vary) => Refuse(vary, "--vary", $"'{vary}'", "gain=0.5,1,2");

    [Test]
    public void A_setting_that_cannot_vary_is_refused_with_those_that_can(
        [Values("data", "run", "force", "wat", "", "Gain", "strategy", "vary")] string name) =>
        Refuse($"{name}=1", [$"--vary {name} ", .. NetworkOptions.All.Select(Variation.NameOf)]);

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("1,")]
    [TestCase(",1")]
    [TestCase("1,,2")]
    [TestCase("1||2")]
    public void An_empty_value_is_refused(string values) => Refuse($"gain={values}", "--vary gain: ", "empty");

    [TestCase("gain=3..1:5", "3..1:5")]
    [TestCase("gain=1,3..1:5", "3..1:5")]
    [TestCase("gain=log:1..0.1:5", "log:1..0.1:5")]
    [TestCase("seed=8..1", "8..1")]
    public void A_range_that_runs_backwards_is_refused(string vary, string range) => Refuse(vary, $"'{range}' runs backwards", "smaller");

    [TestCase("gain=a..b:5")]
    [TestCase("gain=..")]
    [TestCase("gain=1..:5")]
    [TestCase("gain=..3:5")]
    [TestCase("gain=1..2..3:5")]
    [TestCase("gain=0|1,5..3:4")]
    [TestCase("gain=NaN..3:5")]
    [TestCase("gain=0..Infinity:5")]
    [TestCase("gain=0..1e39:5")]
    [TestCase("gain=log:5")]
    [TestCase("gain=log:")]
    [TestCase("gain=log:log:1..2:2")]
    [TestCase("seed=0.5..3:6")]
    [TestCase("seed=1.5e0..1e4:6")]
    [TestCase("hidden=1,1..3,3:2")]
    public void A_range_of_no_numbers_is_refused(string vary) => Refuse(vary, $"--vary {vary.Split('=')[0]}: ", "is no range", "0.5..3:6");

    [TestCase("recipe=a..b")]
    [TestCase("activation=tanh,1..3")]
    [TestCase("l2=1..3:2")]
    public void A_range_of_a_setting_without_numbers_is_refused(string vary) =>
        Refuse(vary, "is a range", $"--{vary.Split('=')[0]}", "takes no numbers");

    [TestCase("gain=log:0..1:5")]
    [TestCase("gain=log:-1..1:5")]
    [TestCase("batch=log:0..64:5")]
    public void Ratios_from_zero_or_below_are_refused(string vary) => Refuse(vary, "log:", "above 0");

    [TestCase("1")]
    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("")]
    [TestCase("1000001")]
    [TestCase("99999999999999999999")]
    [TestCase("5:5")]
    public void A_count_that_cannot_be_is_refused(string count)
    {
        Refuse($"gain=1..3:{count}", $"'1..3:{count}'", $"'{count}'", "2 to 1,000,000");
        Refuse($"seed=1..3:{count}", $"'1..3:{count}'", $"'{count}'", "2 to 1,000,000");
    }

    [TestCase("gain=0.5..3", "0.5..3")]
    [TestCase("learning-rate=log:0.01..1", "log:0.01..1")]
    [TestCase("batch=log:16..256", "log:16..256")]
    public void A_range_without_a_count_is_refused_where_nothing_is_drawn(string vary, string range) =>
        Refuse(vary, $"'{range}' has no count", $"{range}:5", "--random");

    [Test]
    public void A_range_without_a_count_in_a_list_is_refused()
    {
        Refuse("gain=0.5,1..3", "'1..3' stands in a list", "1..3:5");
        SweepCall.Refuse(["--vary", "gain=0.5,1..3", "--random", "3"], "'1..3' stands in a list", "1..3:5");
    }

    static void Refuse(string vary, params string[] mentions) => SweepCall.Refuse(["--vary", vary], mentions);
}
