using System.Text;
using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Display.Web;

namespace Makemore.Gpu.Runner.Live;

/// <summary>The page of a dashboard: one file, which draws what the events beside it tell.</summary>
static partial class DashboardPage
{
    const string View = "{{view}}";

    /// <summary>
    /// The page before and after the view that it begins with, and its Content-Security-Policy: nothing but its own script and style, and
    /// its own events.
    /// </summary>
    public static (byte[] Before, byte[] After, string Policy) Create()
    {
        (string style, string script) = (WebText.Styles("dashboard.css"), WebText.Scripts("dashboard.js"));
        string page = Placeholder().Replace(
            WebText.Read("dashboard.html"), placeholder => placeholder.Value switch
            {
                "{{style}}" => style,
                "{{script}}" => script,
                var view => view,
            });
        int start = page.IndexOf(View, StringComparison.Ordinal);
        string policy = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            + $"frame-ancestors 'none'; style-src {WebText.Source(style)}; script-src {WebText.Source(script)}";
        return (Encoding.UTF8.GetBytes(page[..start]), Encoding.UTF8.GetBytes(page[(start + View.Length)..]), policy);
    }

    [GeneratedRegex(@"\{\{\w+\}\}")]
    private static partial Regex Placeholder();
}
