using System.Text;
using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Display.Web;

namespace Makemore.Gpu.Runner.Live;

/// <summary>The page of a dashboard: one file, which draws what the events beside it tell.</summary>
static partial class DashboardPage
{
    /// <summary>The page, and its Content-Security-Policy: nothing but its own script and style, and its own events.</summary>
    public static (byte[] Page, string Policy) Create()
    {
        (string style, string script) = (WebText.Styles("dashboard.css"), WebText.Scripts("dashboard.js"));
        string page = Placeholder().Replace(
            WebText.Read("dashboard.html"), placeholder => placeholder.Value == "{{style}}" ? style : script);
        string policy = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            + $"frame-ancestors 'none'; style-src {WebText.Source(style)}; script-src {WebText.Source(script)}";
        return (Encoding.UTF8.GetBytes(page), policy);
    }

    [GeneratedRegex(@"\{\{\w+\}\}")]
    private static partial Regex Placeholder();
}
