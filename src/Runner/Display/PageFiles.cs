using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Display;

/// <summary>The files of a page.</summary>
/// <param name="Report">The page itself.</param>
/// <param name="Pictures">Its pictures, as PNG and as SVG.</param>
sealed record PageFiles(string Report, IReadOnlyList<string> Pictures)
{
    /// <summary>Shows a page as text, and writes it and its pictures to a folder.</summary>
    /// <param name="session">Where to show it.</param>
    /// <param name="page">The page.</param>
    /// <param name="folder">The folder, which is there.</param>
    public static PageFiles Write(Session session, Page page, string folder)
    {
        ConsolePage.Write(session, page);
        string plots = Path.Combine(folder, OutputFolder.PicturesFolder);
        var files = new PageFiles(
            HtmlReport.Write(folder, page, session.Cancellation), PictureFiles.Write(plots, page, session.Cancellation));
        session.Text.WriteLine();
        if (files.Pictures.Count > 0)
        {
            session.Fact("pictures", $"{Format.Counted(files.Pictures.Count, "file")} in {plots}");
        }
        session.Fact("report", files.Report);
        return files;
    }
}
