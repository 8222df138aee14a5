using System.Globalization;
using Makemore.Gpu.Model.Evaluation;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

sealed class NameSearchTests
{
    [Test]
    public void It_draws_until_enough_names_are_wanted_and_no_further()
    {
        // 7, 17, 27: the wanted ones.
        var search = new NameSearch(Numbers(), new NameFilter { Contains = "7" });
        SampledName?[] found = [.. search.Find(3)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.OfType<SampledName>().Select(name => name.Name), Is.EqualTo(new[] { "7", "17", "27" }));
            Assert.That((found.Length, search.Drawn, search.Found), Is.EqualTo((28, 28, 3)));
        }
    }

    [Test]
    public void It_ends_after_so_many_draws_in_vain()
    {
        var search = new NameSearch(Numbers(), new NameFilter { MaxLength = 1 });
        SampledName?[] found = [.. search.Find(20)];
        Assert.That(
            (found.OfType<SampledName>().Count(), search.Drawn, search.Found), Is.EqualTo((10, 10 + NameSearch.Patience, 10)));
    }

    // Each thousandth number: far more draws than the patience, and never so many in a row.
    [Test]
    public void Rare_names_are_found_however_long_it_takes()
    {
        var search = new NameSearch(Numbers(), new NameFilter { Contains = "000" });
        Assert.That(search.Find(30).OfType<SampledName>().Count(), Is.EqualTo(30));
        Assert.That(search.Drawn, Is.GreaterThan(NameSearch.Patience));
    }

    static IEnumerable<SampledName> Numbers()
    {
        for (int i = 0; ; i++)
        {
            yield return new SampledName(i.ToString(CultureInfo.InvariantCulture), KnownIn: null, IsRepeat: false);
        }
    }
}
