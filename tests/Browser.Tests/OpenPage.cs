using Microsoft.Playwright;
using NUnit.Framework;

namespace Makemore.Gpu.Browser.Tests;

/// <summary>A page that is open, with all that it asked for and complained of.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    // What a chart has drawn: the part of its pixels that are not empty.
    const string Ink = """
        canvas => {
          const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          return pixels.filter((value, i) => i % 4 === 3 && value > 0).length / (pixels.length / 4);
        }
        """;

    readonly IBrowserContext context;
    readonly List<string> requests = [];
    readonly List<string> complaints = [];

    internal OpenPage(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.Request += (_, request) => requests.Add(request.Url);
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) => complaints.AddRange(message.Type is "error" or "warning" ? [message.Text] : (string[])[]);
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The values under the cursor, of the chart in which it is.</summary>
    public ILocator Tip => Page.Locator(".tip:not([hidden])");

    /// <summary>The first figure of some.</summary>
    /// <param name="figure">What selects it.</param>
    public ILocator Chart(string figure) => Page.Locator(figure).First;

    /// <summary>Moves the mouse over a chart.</summary>
    /// <param name="figure">What selects it.</param>
    /// <param name="across">Where, as a part of its width.</param>
    public async Task Point(string figure, double across)
    {
        ILocator over = Chart(figure).Locator(".u-over");
        await over.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await over.BoundingBoxAsync())!;
        await over.HoverAsync(new LocatorHoverOptions
        {
            Position = new Position { X = (float)(box.Width * across), Y = box.Height / 2 },
        });
        // The chart follows the mouse with the next frame.
        await Page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))");
    }

    /// <summary>Nothing is wider than the screen, nothing was asked of anybody else, and nothing went wrong.</summary>
    /// <param name="origins">Whom it may ask.</param>
    public async Task AssertIsSound(params string[] origins)
    {
        int[] widths = await Page.EvaluateAsync<int[]>("[document.documentElement.scrollWidth, innerWidth]");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(widths[0], Is.LessThanOrEqualTo(widths[1]), "width of the page");
            string[] allowed = [.. origins, "data:"];
            Assert.That(
                requests,
                Is.All.Matches<string?>(request => allowed.Any(origin => request!.StartsWith(origin, StringComparison.Ordinal))));
            Assert.That(complaints, Is.Empty);
        }
    }

    /// <summary>Every chart has something drawn.</summary>
    /// <param name="count">How many there are.</param>
    public async Task AssertCharts(int count)
    {
        IReadOnlyList<ILocator> drawn = await Page.Locator(".uplot canvas").AllAsync();
        Assert.That(drawn, Has.Count.EqualTo(count));
        foreach (ILocator canvas in drawn)
        {
            Assert.That(await canvas.EvaluateAsync<double>(Ink), Is.GreaterThan(0.005));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
