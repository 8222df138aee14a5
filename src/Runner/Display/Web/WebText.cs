using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Makemore.Gpu.Runner.Display.Web;

/// <summary>The scripts, styles and templates of pages for a browser, which the program holds.</summary>
static class WebText
{
    static readonly string[] Drawing = ["uPlot.iife.min.js", "hover.js", "charts.js"];
    static readonly string[] Styling = ["uPlot.min.css", "page.css", "charts.css"];

    /// <summary>The styles of every page.</summary>
    /// <param name="names">Styles beside them, the names of their files.</param>
    public static string Styles(params string[] names) => Join([.. Styling, .. names]);

    /// <summary>The scripts that draw charts.</summary>
    /// <param name="names">Scripts beside them, the names of their files.</param>
    public static string Scripts(params string[] names) => Join([.. Drawing, .. names]);

    /// <summary>A template.</summary>
    /// <param name="name">The name of its file.</param>
    public static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>What a Content-Security-Policy calls a script or a style that stands in the page.</summary>
    /// <param name="text">All that stands between the tags.</param>
    public static string Source(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    static string Join(IEnumerable<string> names) => string.Join("\n", names.Select(Read));
}
