using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Runner.Display;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Display;

sealed class ShownNamesTests
{
    static readonly SampledName Unfit = new("poop", KnownIn: null, IsRepeat: false);

    [TestCase("anna", null, false, "anna              new")]
    [TestCase("anna", "train", false, "anna              train")]
    [TestCase("anna", "dev", true, "anna              dev, repeat")]
    [TestCase("", null, true, "                  empty, repeat")]
    [TestCase("アンナ", null, false, "アンナ            new")]
    [TestCase("bartholomewandsons", "test", false, "bartholomewandsons  test")]
    public void A_name_is_marked_in_a_column_of_its_own(string name, string? known, bool isRepeat, string line) =>
        Assert.That(new ShownNames(isKnownTold: true).Add(new SampledName(name, known, isRepeat)), Is.EqualTo(line));

    [TestCase(false, "anna")]
    [TestCase(true, "anna              repeat")]
    public void Nothing_is_called_new_where_that_is_unknown(bool isRepeat, string line) =>
        Assert.That(new ShownNames(isKnownTold: false).Add(new SampledName("anna", null, isRepeat)), Is.EqualTo(line));

    [Test]
    public void The_summary_counts()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Summary(true, ("a", null, false)), Is.EqualTo(new[] { "1 name: none known" }));
            Assert.That(Summary(true, ("a", "dev", false), ("a", "dev", true)), Is.EqualTo(new[] { "2 names: 2 known (dev), 1 repeat" }));
            Assert.That(
                Summary(true, ("a", "train", false), ("b", "train", false), ("c", "test", false), ("", null, false), ("", null, true)),
                Is.EqualTo(new[] { "5 names: 3 known (2 train, 1 test), 1 repeat, 2 empty" }));
            Assert.That(Summary(false, ("a", null, false), ("b", null, false)), Is.EqualTo(new[] { "2 names" }));
        }
    }

    [Test]
    public void A_word_that_not_every_reader_wants_to_see_is_counted_and_not_shown()
    {
        var names = new ShownNames(isKnownTold: true);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names.Add(Unfit), Is.Null);
            Assert.That(names.All, Is.EqualTo(new[] { Unfit }));
            Assert.That(names.Shown, Is.Empty);
            Assert.That(
                names.Summary, Is.EqualTo(new[] { "1 name: none known", "1 name is not shown: sample --unfiltered shows all" }));
        }
    }

    [Test]
    public void It_is_shown_to_those_who_ask_and_where_it_stands_in_their_own_list()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new ShownNames(isKnownTold: true, isUnfiltered: true).Add(Unfit), Does.StartWith("poop"));
            Assert.That(new ShownNames(isKnownTold: true).Add(Unfit with { KnownIn = "train" }), Does.StartWith("poop"));
        }
    }

    static IEnumerable<string> Summary(bool isKnownTold, params (string Name, string? Known, bool IsRepeat)[] drawn)
    {
        var names = new ShownNames(isKnownTold);
        foreach ((string name, string? known, bool isRepeat) in drawn)
        {
            names.Add(new SampledName(name, known, isRepeat));
        }
        return names.Summary;
    }

    [TestCase(0, "")]
    [TestCase(1, "1 name was cut at 1,000 characters, the most that a name may have: the model did not end it")]
    [TestCase(3, "3 names were cut at 1,000 characters, the most that a name may have: the model did not end them")]
    public void Names_that_do_not_end_are_told_in_a_line(int unended, string expected) =>
        Assert.That(string.Concat(ShownNames.DescribeUnended(unended)), Is.EqualTo(expected));
}
