using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

sealed class SweepPageTests
{
    // Each with what its page is made of: titles of sections, then names of pictures.
    static readonly Dictionary<string, (SweepSummary Summary, string[] Sections, string[] Pictures)> Sweeps = new()
    {
        ["nothing ended"] = (SomeSweeps.Of([], ["hidden"], 5), ["The best"], []),
        ["one network"] = (SomeSweeps.Of([SomeResults.Trained(0, 2.1)], []), ["The best", "By dev loss", "On the way"], ["curves"]),
        ["seeds alone"] = (
            SomeSweeps.Grid(("seed", ["1", "2", "3"])), ["The best", "By dev loss", "On the way"], ["curves"]),
        ["all diverged"] = (
            SomeSweeps.Of(
                [.. Enumerable.Range(0, 15).Select(i => SomeResults.Diverged(i, 10 + i, $"learning-rate={30 + i}"))], ["learning-rate"]),
            ["The best", "By dev loss", "On the way", "What diverged"], ["curves"]),
        ["all dropped"] = (
            SomeSweeps.Of([.. Enumerable.Range(0, 5).Select(i => SomeResults.Dropped(i, 2.5, 100, $"hidden={30 + i}"))], ["hidden"], 9),
            ["The best", "By dev loss", "On the way"], ["curves"]),
        ["one setting"] = (
            SomeSweeps.Grid(("hidden", ["50", "100", "200"])), ["The best", "By dev loss", "What each setting does", "On the way"],
            ["dev-by-hidden", "curves"]),
        ["five settings"] = (
            SomeSweeps.Grid(
                ("learning-rate", ["0.01", "0.1", "1", "30"]), ("hidden", ["50", "100,100"]), ("batch", ["16", "32"]),
                ("recipe", ["kaiming", "batchnorm"]), ("l2", ["C=0.1,W1=0.01", "C=0"]), ("seed", ["1", "2"])),
            ["The best", "By dev loss", "What each setting does", "Two settings together", "On the way", "What diverged"],
            [
                "dev-by-learning-rate", "dev-by-hidden", "dev-by-batch", "dev-by-recipe", "dev-by-l2", "map-learning-rate-hidden",
                "map-learning-rate-batch", "map-hidden-batch", "curves",
            ]),
        ["successive halving"] = (
            SomeSweeps.Halved(),
            ["The best", "By dev loss", "What each setting does", "On the way"], ["dev-by-learning-rate", "dev-by-embedding", "curves"]),
        ["a thousand"] = (
            SomeSweeps.Random(1000),
            ["The best", "By dev loss", "What each setting does", "On the way", "What diverged"],
            ["dev-by-learning-rate", "dev-by-embedding", "curves"]),
    };

    static IEnumerable<string> Names => Sweeps.Keys;

    [TestCaseSource(nameof(Names))]
    public void Every_sweep_has_a_page_that_can_be_drawn(string name)
    {
        (SweepSummary summary, string[] sections, string[] pictures) = Sweeps[name];
        Page page = SweepPage.Of(summary);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Sections.Select(section => section.Title), Is.EqualTo(sections));
            Assert.That(page.Sections.SelectMany(section => section.Pictures).Select(picture => picture.Name), Is.EqualTo(pictures));
            Assert.That(
                page.Sections.Where(section => section.Grid is not null)
                    .All(section => section.Grid!.Rows.All(row => row.Count == section.Grid.Columns.Count)));
            Assert.That(page.Sections.Select(section => section.Text), Has.None.Contains("NaN"));
        }
        Assert.That(HtmlReport.Html(page), Does.Contain("<h2>The best</h2>"));
    }

    [Test]
    public void The_best_is_told_with_its_model_and_command()
    {
        Section best = SweepPage.Of(SomeSweeps.Grid(("hidden", ["50", "100"])) with { BestModel = "runs/a/model.safetensors" }).Sections[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                best.Text, Does.StartWith("Network 1 has the lowest dev loss: 2.1699").And.Contain("hidden 100").And.Contain("3.2958"));
            Assert.That(best.Lines, Is.EqualTo(new[] { "model: runs/a/model.safetensors", "train it again: makemore train --seed 1" }));
        }
    }

    [Test]
    public void An_interrupted_sweep_says_how_many_have_ended() => Assert.That(
        SweepPage.Of(SomeSweeps.Of([SomeResults.Trained(0, 2.1, "hidden=10")], ["hidden"], 1200)).Sections[0].Text,
        Does.Contain("The sweep was interrupted: 1 of 1,200 networks have ended"));

    [Test]
    public void A_lucky_seed_is_called_one()
    {
        SweepSummary summary = SomeSweeps.Of(
            [
                SomeResults.Trained(0, 2.0, "hidden=50", "seed=1"), SomeResults.Trained(1, 2.5, "hidden=50", "seed=2"),
                SomeResults.Trained(2, 2.1, "hidden=100", "seed=1"), SomeResults.Trained(3, 2.1, "hidden=100", "seed=2"),
            ],
            ["hidden", "seed"]);
        Assert.That(
            SweepPage.Of(summary).Sections[0].Text,
            Does.StartWith("Network 0").And.Contain("over all seeds, hidden 100 has the lowest mean"));
    }

    [Test]
    public void The_table_has_thirty_rows_at_most_and_notes()
    {
        NetworkResult[] results =
        [
            .. Enumerable.Range(0, 40).SelectMany(i => new[] { 0, 1, 2 }.Select(seed => SomeResults.Trained(
                (3 * i) + seed, 2.1 + (0.02 * i) + (0.02 * seed), $"hidden={i + 1}", $"seed={seed}"))),
        ];
        Section table = Table(results, "hidden", "seed");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(table.Grid!.Columns, Is.EqualTo(new[] { "", "hidden", "seeds", "dev", "train", "test", "steps", "note" }));
            Assert.That(table.Grid.Rows, Has.Count.EqualTo(30));
            Assert.That(table.Text, Does.Contain("10 more settings are in the file"));
            Assert.That(
                table.Grid.Rows[0], Is.EqualTo(new[] { "1", "1", "3", "2.1200 ± 0.0200", "2.0700", "2.1300", "1,000", "the best" }));
            Assert.That(table.Grid.Rows[1][^1], Is.EqualTo("within the spread of the best"));
            Assert.That(table.Grid.Rows[9][^1], Is.Empty);
        }
    }

    [Test]
    public void With_one_seed_nothing_is_said_about_chance()
    {
        Section table = Table([SomeResults.Trained(0, 2.1, "hidden=1"), SomeResults.Trained(1, 2.1, "hidden=2")], "hidden");
        Assert.That(table.Text, Does.StartWith("With one seed each, nothing can be said"));
        Assert.That(table.Grid!.Rows[1][^1], Is.Empty);
    }

    [Test]
    public void What_did_not_end_well_is_noted()
    {
        Section table = Table(
            [
                SomeResults.Diverged(0, 1117, "hidden=1", "seed=1"), SomeResults.Diverged(1, 12, "hidden=1", "seed=2"),
                SomeResults.Trained(2, 2.1, "hidden=2", "seed=1"), SomeResults.Diverged(3, 7, "hidden=2", "seed=2"),
                SomeResults.Dropped(4, 2.5, 100, "hidden=3", "seed=1"), SomeResults.Dropped(5, 2.4, 100, "hidden=3", "seed=2"),
            ],
            "hidden", "seed");
        Assert.That(
            table.Grid!.Rows.Select(row => row[^1]),
            Is.EqualTo(new[] { "the best, 1 of 2 diverged at step 7", "dropped at step 100", "diverged at steps 12 to 1,117" }));
        Assert.That(table.Grid.Rows.Select(row => row[3]), Is.EqualTo(new[] { "2.1000", "2.4000", "" }));
    }

    [Test]
    public void Ten_lines_say_what_diverged()
    {
        Section diverged = SweepPage.Of(Sweeps["all diverged"].Summary).Sections[^1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(diverged.Lines, Has.Count.EqualTo(11));
            Assert.That(diverged.Lines[0], Is.EqualTo("learning-rate 30: 1 of 1, at step 10"));
            Assert.That(diverged.Lines[^1], Is.EqualTo("and 5 more settings"));
        }
    }

    [Test]
    public void Losses_beyond_a_uniform_guess_do_not_flatten_the_rest()
    {
        SweepSummary summary = SomeSweeps.Of(
            [SomeResults.Trained(0, 2.1, "hidden=1"), SomeResults.Trained(1, 900, "hidden=2")], ["hidden"]);
        Section settings = SweepPage.Of(summary).Sections[2];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.Text, Does.Contain("1 network with a dev loss of more than 3.3556 stands at the upper edge"));
            var chart = (Chart)settings.Pictures[0];
            Assert.That(chart.Series.Select(series => series.Y[0]), Is.EqualTo(new[] { 2.1, 2.1, 3.3257 }).Within(1e-4));
            Assert.That(chart.Upward.High, Is.EqualTo(3.3556).Within(1e-4));
        }
    }

    [Test]
    public void What_was_dropped_is_drawn_and_has_no_part_in_the_mean()
    {
        SweepSummary summary = SomeSweeps.Of(
            [
                SomeResults.Trained(0, 2.0, "hidden=1", "seed=1"), SomeResults.Trained(1, 2.2, "hidden=1", "seed=2"),
                SomeResults.Dropped(2, 2.6, 100, "hidden=1", "seed=3"), SomeResults.Dropped(3, 900, 100, "hidden=2", "seed=1"),
            ],
            ["hidden", "seed"]);
        Section settings = SweepPage.Of(summary).Sections[2];
        Assert.That(settings.Text, Does.Contain("What was dropped on its way has the dev loss that it had then"));
        Assert.That(
            ((Chart)settings.Pictures[0]).Series.Select(series => $"{series.Name} {series.X.Count} {series.Y[0]:0.0}"),
            Is.EqualTo(new[] { "network 2 2.0", "mean 1 2.1", "dropped on its way 1 2.6", "above the picture 1 3.3" }));
    }

    [Test]
    public void Many_networks_of_one_value_stand_side_by_side()
    {
        SweepSummary summary = SomeSweeps.Grid(
            ("hidden", ["50", "450"]), ("seed", [.. Enumerable.Range(0, 30).Select(seed => $"{seed}")]));
        Series networks = ((Chart)SweepPage.Of(summary).Sections[2].Pictures[0]).Series[0];
        Assert.That(networks.X.Distinct(), Has.Exactly(14).Items);
        Assert.That(networks.X.Select(x => Math.Min(Math.Abs(x - 50), Math.Abs(x - 450))), Is.All.LessThan(10));
    }

    [Test]
    public void At_most_fifty_other_curves_are_drawn_below_the_best_and_named_once()
    {
        Section curves = SweepPage.Of(SomeSweeps.Random(200)).Sections[3];
        var chart = (Chart)curves.Pictures[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chart.Series, Has.Count.EqualTo(51));
            Assert.That(
                chart.Series.Select(series => series.Name).Where(name => name.Length > 0), Is.EqualTo(new[] { "the others", "the best" }));
            Assert.That(chart.Series[^1].Style, Is.EqualTo(SeriesStyle.Line));
            Assert.That(chart.Series.SkipLast(1).Select(series => series.Style), Is.All.EqualTo(SeriesStyle.Faint));
        }
    }

    [Test]
    public void A_map_has_the_means_and_crosses_where_none_was_trained()
    {
        SweepSummary summary = SomeSweeps.Of(
            [
                SomeResults.Trained(0, 2.0, "hidden=50", "batch=8", "seed=1"),
                SomeResults.Trained(1, 2.2, "hidden=50", "batch=8", "seed=2"),
                SomeResults.Trained(2, 2.4, "hidden=9", "batch=8", "seed=1"),
                SomeResults.Diverged(3, 1, "hidden=9", "batch=16", "seed=1"),
            ],
            ["hidden", "batch", "seed"]);
        var map = (ShadeMap)SweepPage.Of(summary).Sections[3].Pictures.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.RowNames, Is.EqualTo(new[] { "9", "50" }));
            Assert.That(map.Names, Is.EqualTo(new[] { "8", "16" }));
            Assert.That(map.Values, Is.EqualTo(new[,] { { 2.4, double.NaN }, { 2.1, double.NaN } }).Within(1e-12));
            Assert.That(map.Shades.Select(shade => shade.Name), Is.EqualTo(new[] { "2.1000", "2.2500", "2.4000" }));
        }
    }

    static Section Table(IReadOnlyList<NetworkResult> results, params string[] varied) =>
        SweepPage.Of(SomeSweeps.Of(results, varied)).Sections[1];
}
