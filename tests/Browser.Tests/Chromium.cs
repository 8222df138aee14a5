using Microsoft.Playwright;
using NUnit.Framework;

// One browser serves all tests.
[assembly: NonParallelizable]

namespace Makemore.Gpu.Browser.Tests;

/// <summary>Chromium, as the system has it, without a network.</summary>
[SetUpFixture]
public static class Chromium
{
    const string PathVariable = "MAKEMORE_CHROMIUM";

    static readonly string[] Paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    static readonly string[] Arguments =
    [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    // In milliseconds: a page is here, and the machine may be slow.
    const float Patience = 10_000;

    static IPlaywright? playwright;
    static IBrowser? browser;

    /// <summary>Starts it; every test is skipped where there is none.</summary>
    [OneTimeSetUp]
    public static async Task Start()
    {
        string? asked = Environment.GetEnvironmentVariable(PathVariable);
        string? path = (asked is null ? Paths : [asked]).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Ignore($"there is no chromium: apt-get install chromium, or set {PathVariable} to the path of another one");
        }
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Arguments });
    }

    /// <summary>Ends it.</summary>
    [OneTimeTearDown]
    public static async Task End()
    {
        await (browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        playwright?.Dispose();
    }

    /// <summary>Opens a page.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="screen">The screen.</param>
    public static async Task<OpenPage> Open(string address, Screen screen)
    {
        IBrowserContext context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = screen.Width, Height = screen.Width < 500 ? 844 : 900 },
            ColorScheme = screen.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = screen.RunsScripts,
        });
        context.SetDefaultTimeout(Patience);
        var page = new OpenPage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(address);
        return page;
    }
}

/// <summary>What somebody looks with.</summary>
/// <param name="Width">Its width in pixels.</param>
/// <param name="IsDark">Whether dark colors are preferred.</param>
/// <param name="RunsScripts">Whether scripts run.</param>
public sealed record Screen(int Width, bool IsDark = false, bool RunsScripts = true)
{
    /// <summary>That of a phone.</summary>
    public static Screen Phone { get; } = new(390);

    /// <summary>That of a computer.</summary>
    public static Screen Wide { get; } = new(1280);

    /// <summary>Both, in light and dark.</summary>
    public static IEnumerable<Screen> All => [Phone, Phone with { IsDark = true }, Wide, Wide with { IsDark = true }];

    /// <inheritdoc/>
    public override string ToString() => $"{Width} {(IsDark ? "dark" : "light")}";
}
