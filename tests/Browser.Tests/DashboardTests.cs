using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Live;
using Microsoft.Playwright;
using NUnit.Framework;

namespace Makemore.Gpu.Browser.Tests;

/// <summary>The page of a run that trains, as somebody sees it.</summary>
sealed class DashboardTests
{
    Dashboard dashboard = null!;

    [SetUp]
    public void Start()
    {
        dashboard = Dashboard.Start(port: null);
        dashboard.History.Begin(new Configuration(Recipe.Default, Steps: 1000, DropAt: 100, Seed: 1));
        Train(0, 200);
    }

    [TearDown]
    public void End() => dashboard.Dispose();

    [TestCaseSource(typeof(Screen), nameof(Screen.All))]
    public async Task Every_curve_is_drawn_and_nothing_runs_out_of_the_screen(Screen screen)
    {
        await using OpenPage page = await Chromium.Open(dashboard.Address, screen);
        await Assertions.Expect(page.Page.Locator("#title")).ToHaveTextAsync("Recipe batchnorm");
        await Assertions.Expect(page.Page.Locator("#status")).ToHaveTextAsync("trains, 20%");
        await Assertions.Expect(page.Page.Locator("#words li")).ToHaveTextAsync(["emmatrain", "zoelnew"]);
        await page.AssertCharts(4);
        await page.AssertIsSound(dashboard.Address);
    }

    [Test]
    public async Task The_curves_grow_while_the_run_trains()
    {
        await using OpenPage page = await Chromium.Open(dashboard.Address, Screen.Wide);
        ILocator steps = page.Page.Locator("#facts dd").First;
        await Assertions.Expect(steps).ToHaveTextAsync("200 of 1,000");
        await page.Point("#loss", 0.999);
        Assert.That(await page.Tip.InnerTextAsync(), Does.Match("^step 19[89]"));
        Train(200, 600);
        await Assertions.Expect(steps).ToHaveTextAsync("600 of 1,000");
        await page.Page.Mouse.MoveAsync(0, 0);
        await page.Point("#loss", 0.999);
        Assert.That(await page.Tip.InnerTextAsync(), Does.Match("^step 59[89]"));
        await page.AssertIsSound(dashboard.Address);
    }

    [Test]
    public async Task A_series_that_was_switched_off_stays_off_when_the_run_goes_on()
    {
        await using OpenPage page = await Chromium.Open(dashboard.Address, Screen.Wide);
        ILocator button = page.Chart("#loss").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "each step" });
        await button.ClickAsync();
        Train(200, 400);
        await Assertions.Expect(page.Page.Locator("#facts dd").First).ToHaveTextAsync("400 of 1,000");
        await page.Point("#loss", 0.5);
        Assert.That(await page.Tip.InnerTextAsync(), Does.Not.Contain("each step"));
        Assert.That(await button.GetAttributeAsync("aria-pressed"), Is.EqualTo("false"));
    }

    [Test]
    public async Task The_end_is_told_and_stays_when_the_program_has_ended()
    {
        await using OpenPage page = await Chromium.Open(dashboard.Address, Screen.Wide);
        await Assertions.Expect(page.Page.Locator("#status")).ToHaveTextAsync("trains, 20%");
        dashboard.History.End("over: 200 steps done");
        await Task.Run(dashboard.Dispose);
        await Assertions.Expect(page.Page.Locator("#status")).ToHaveTextAsync("over: 200 steps done");
        await page.AssertCharts(4);
        await page.AssertIsSound(dashboard.Address);
    }

    // A loss that runs up makes the axis logarithmic, and a dev loss a line more.
    [Test]
    public async Task A_chart_of_another_kind_takes_the_place_of_the_one_before()
    {
        await using OpenPage page = await Chromium.Open(dashboard.Address, Screen.Wide);
        await Assertions.Expect(page.Chart("#loss").Locator("button.line")).ToHaveCountAsync(1);
        dashboard.History.Add([new StepResult(200, 1000, 0.1f, DevLoss: 3)], speed: 0);
        await Assertions.Expect(page.Chart("#loss").Locator("button.line")).ToHaveCountAsync(2);
        await page.AssertCharts(4);
        await page.AssertIsSound(dashboard.Address);
    }

    void Train(int from, int to)
    {
        dashboard.History.Add(
            [.. Enumerable.Range(from, to - from).Select(step => new StepResult(step, 2 + (1f / (1 + step)), step < 100 ? 0.1f : 0.01f))],
            speed: 100);
        for (int step = from; step < to; step += 50)
        {
            dashboard.History.Add(
                new WatchedStep(
                    step, 0.1f, new Dictionary<int, double> { [2] = 0.1 }, new Dictionary<string, double> { ["C"] = 1e-3, ["W1"] = 2e-3 }),
                "|t| > 0.97");
        }
        var names = new ShownNames(isKnownTold: true);
        names.Add(new SampledName("emma", "train", IsRepeat: false));
        names.Add(new SampledName("zoel", null, IsRepeat: false));
        dashboard.History.Show(names, to);
    }
}
