using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NUnit.Framework;

namespace Makemore.Gpu.Browser.Tests;

/// <summary>The report of a run, as somebody sees it.</summary>
sealed partial class ReportTests
{
    const string Loss = "figure[data-chart=loss]";

    static readonly string[] Names =
    [
        "anna", "ben", "carla", "dora", "emil", "fritz", "greta", "hanna", "ida", "jonas", "karl", "lena", "mara", "nils", "otto", "paula",
    ];

    string folder = "";
    string address = "";

    [OneTimeSetUp]
    public void Train()
    {
        folder = Directory.CreateTempSubdirectory("makemore-browser-").FullName;
        string names = Path.Combine(folder, "names.txt");
        File.WriteAllLines(names, Names);
        string run = Path.Combine(folder, "run");
        Run(
            "train", "--data", names, "--recipe", "deep-batchnorm", "--hidden", "8,8", "--batch", "8", "--steps", "60", "--drop-at", "40",
            "--eval-every", "10", "--watch", "--run", run, "--accelerator", "cpu");
        Run("inspect", "--run", run, "--accelerator", "cpu");
        address = new Uri(Path.Combine(run, "report.html")).AbsoluteUri;
    }

    [OneTimeTearDown]
    public void Clean() => Directory.Delete(folder, recursive: true);

    [TestCaseSource(typeof(Screen), nameof(Screen.All))]
    public async Task Every_chart_is_drawn_and_nothing_runs_out_of_the_screen(Screen screen)
    {
        await using OpenPage report = await Chromium.Open(address, screen);
        await report.AssertCharts(await report.Page.Locator("figure[data-chart]").CountAsync());
        await report.AssertIsSound("file:");
        Assert.That(await report.Page.Locator("h2").First.InnerTextAsync(), Is.EqualTo("Summary"));
    }

    [TestCaseSource(typeof(Screen), nameof(Screen.All))]
    public async Task Every_text_stands_out_from_its_background(Screen screen)
    {
        await using OpenPage report = await Chromium.Open(address, screen);
        Assert.That(await report.Page.EvaluateAsync<string[]>(Contrast.Script), Is.Empty);
    }

    // On a phone, where lines of a fixed width go on below.
    [Test]
    public async Task No_number_is_broken_in_two()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Phone);
        ILocator numbers = report.Page.Locator("pre b");
        Assert.That(await numbers.CountAsync(), Is.GreaterThan(20));
        Assert.That(
            await numbers.EvaluateAllAsync<string[]>("all => all.filter(one => one.getClientRects().length > 1).map(one => one.innerText)"),
            Is.Empty);
    }

    [Test]
    public async Task A_chart_shows_the_values_under_the_cursor()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Wide);
        Assert.That(await report.Tip.CountAsync(), Is.Zero);
        await report.Point(Loss, 0.5);
        string text = await report.Tip.InnerTextAsync();
        Assert.That(text, Does.Match(@"^step (29|30)\b").And.Match(@"each step\s+\d\.\d+").And.Match(@"mean over \d+ steps\s+\d\.\d+"));
        Assert.That(text, Does.Match(@"dev\s+\d\.\d+"));
        await report.Point("figure[data-chart=weights]", 0.5);
        Assert.That(await report.Tip.InnerTextAsync(), Does.StartWith("weight "));
        await report.Point("figure[data-chart=characters]", 0.5);
        await report.Page.Mouse.MoveAsync(0, 0);
        Assert.That(await report.Tip.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task The_legend_switches_a_series_off_and_on()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Wide);
        ILocator button = report.Chart(Loss).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "dev" });
        await button.ClickAsync();
        Assert.That(await button.GetAttributeAsync("aria-pressed"), Is.EqualTo("false"));
        await report.Point(Loss, 0.5);
        Assert.That(await report.Tip.InnerTextAsync(), Does.Not.Contain("dev").And.Contain("each step"));
        await button.FocusAsync();
        await report.Page.Keyboard.PressAsync("Enter");
        Assert.That(await button.GetAttributeAsync("aria-pressed"), Is.EqualTo("true"));
        await report.Point(Loss, 0.5);
        Assert.That(await report.Tip.InnerTextAsync(), Does.Contain("dev"));
    }

    [Test]
    public async Task Arrow_keys_read_the_values_aloud()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Wide);
        ILocator chart = report.Chart(Loss);
        await chart.Locator(".plot").FocusAsync();
        await report.Page.Keyboard.PressAsync("End");
        Assert.That(await chart.Locator(".said").InnerTextAsync(), Does.Match(@"^step (59|60), .*each step \d\.\d+"));
        await report.Page.Keyboard.PressAsync("Escape");
        Assert.That(await report.Tip.CountAsync(), Is.Zero);
        ILocator map = report.Chart("figure[data-chart=characters]");
        await map.Locator(".plot").FocusAsync();
        await report.Page.Keyboard.PressAsync("ArrowRight");
        Assert.That(await map.Locator(".said").InnerTextAsync(), Does.StartWith("first "));
    }

    [Test]
    public async Task A_part_that_is_dragged_over_is_enlarged_until_all_is_asked_for()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Wide);
        ILocator over = report.Chart(Loss).Locator(".u-over");
        LocatorBoundingBoxResult box = (await over.BoundingBoxAsync())!;
        await report.Page.Mouse.MoveAsync(box.X + (box.Width * 0.5f), box.Y + 100);
        await report.Page.Mouse.DownAsync();
        await report.Page.Mouse.MoveAsync(box.X + (box.Width * 0.75f), box.Y + 100, new MouseMoveOptions { Steps = 5 });
        await report.Page.Mouse.UpAsync();
        await report.Point(Loss, 0.01);
        Assert.That(await StepAsync(), Is.InRange(28, 32));
        await report.Chart(Loss).GetByText("show all").ClickAsync();
        await report.Point(Loss, 0.01);
        Assert.That(await StepAsync(), Is.InRange(0, 2));

        async Task<int> StepAsync() => int.Parse(Step().Match(await report.Tip.InnerTextAsync()).Groups[1].Value, null);
    }

    [TestCaseSource(typeof(Screen), nameof(Screen.All))]
    public async Task Contents_stay_in_sight_and_tell_where_one_is(Screen screen)
    {
        await using OpenPage report = await Chromium.Open(address, screen);
        Assert.That(await CurrentAsync(), Is.EqualTo("Summary"));
        await report.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Weights" }).ClickAsync();
        ILocator current = report.Page.Locator("nav a[aria-current]");
        ILocator heading = report.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Weights" });
        await Assertions.Expect(current).ToHaveTextAsync("Weights");
        await Assertions.Expect(current).ToBeInViewportAsync();
        await Assertions.Expect(heading).ToBeInViewportAsync();

        Task<string> CurrentAsync() => report.Page.Locator("nav a[aria-current]").InnerTextAsync();
    }

    [Test]
    public async Task Where_scripts_do_not_run_every_chart_is_a_picture()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Phone with { RunsScripts = false });
        foreach (ILocator figure in await report.Page.Locator("figure").AllAsync())
        {
            await Assertions.Expect(figure.Locator("img")).ToBeVisibleAsync();
            Assert.That(await figure.InnerTextAsync(), Does.Not.Contain("{"));
        }
    }

    [Test]
    public async Task On_paper_every_chart_is_a_picture()
    {
        await using OpenPage report = await Chromium.Open(address, Screen.Wide);
        await Assertions.Expect(report.Chart(Loss).Locator("img")).ToBeHiddenAsync();
        await report.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await Assertions.Expect(report.Chart(Loss).Locator("img")).ToBeVisibleAsync();
        await Assertions.Expect(report.Chart(Loss).Locator(".chart")).ToBeHiddenAsync();
    }

    [GeneratedRegex(@"^step (\d+)")]
    private static partial Regex Step();

    static void Run(params string[] args)
    {
        using var error = new StringWriter();
        Assert.That(Runner.Program.Run(args, TextWriter.Null, error), Is.Zero, error.ToString());
    }
}
