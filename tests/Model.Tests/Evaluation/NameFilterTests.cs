using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

sealed class NameFilterTests
{
    static IEnumerable<TestCaseData> Filters()
    {
        yield return Case("nothing", new NameFilter(), true, true, true, true);
        yield return Case("new names", new NameFilter { NewOnly = true }, false, true, true, true);
        yield return Case("no repeats", new NameFilter { Unique = true }, true, false, true, true);
        yield return Case("three characters", new NameFilter { MinLength = 3 }, true, true, false, true);
        yield return Case("no empty one", new NameFilter { MinLength = 1 }, true, true, false, true);
        // Not its UTF-16 units, which are five.
        yield return Case("at most four", new NameFilter { MaxLength = 4 }, true, true, true, true);
        yield return Case("at most three", new NameFilter { MaxLength = 3 }, false, true, true, false);
        yield return Case("a text", new NameFilter { Contains = "nn" }, true, false, false, true);
        yield return Case("a text in its case", new NameFilter { Contains = "An" }, false, false, false, false);

        static TestCaseData Case(string name, NameFilter filter, params bool[] wants) =>
            new TestCaseData(filter, wants).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Filters))]
    public void A_filter_wants_what_it_says(NameFilter filter, bool[] wants)
    {
        SampledName[] names = [new("anna", "dev", false), new("ben", null, true), new("", null, false), new("nn😀a", null, false)];
        Assert.That(names.Select(filter.Wants), Is.EqualTo(wants));
    }

    [Test]
    public void Drawn_names_are_marked_in_their_order()
    {
        var known = KnownNames.Of(TestData.Embedded);
        string train = TestData.Embedded.Train.Names[0];
        Assert.That(
            SampledName.Mark(["qqq", train, "", train, "qqq"], known),
            Is.EqualTo(new SampledName[]
            {
                new("qqq", null, false), new(train, "train", false), new("", null, false), new(train, "train", true),
                new("qqq", null, true),
            }));
    }

    [Test]
    public void Without_known_names_none_is_marked_as_known() =>
        Assert.That(SampledName.Mark([TestData.Embedded.Train.Names[0]], known: null).Single().KnownIn, Is.Null);
}
