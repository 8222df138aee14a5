using System.Text;
using Makemore.Gpu.Runner.Display.Plots;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Display;

/// <summary>
/// The pictures of a page as files: each one for paper and slides, <c>NAME.svg</c>, and for everything else, <c>NAME.png</c>.
/// </summary>
static class PictureFiles
{
    /// <summary>Draws every picture of a page, and makes the folder where there is none.</summary>
    /// <param name="folder">Where the files go.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Gives up between two pictures.</param>
    /// <returns>The files, in the order of the pictures.</returns>
    public static IReadOnlyList<string> Write(string folder, Page page, CancellationToken cancellation = default)
    {
        var files = new List<string>();
        // In parallel, since drawing takes longer than all that was measured.
        page = ShownPage.Of(page);
        IEnumerable<Picture> pictures = page.Sections.SelectMany(section => section.Pictures).Select(picture =>
            page.Subject.Length == 0 ? picture : picture with { Title = $"{picture.Title}: {page.Subject}" });
        (Picture, byte[], string)[] drawn = [.. pictures.AsParallel().AsOrdered().WithCancellation(cancellation).Select(Draw)];
        foreach ((Picture picture, byte[] png, string svg) in drawn)
        {
            files.Add(OutputFile.Write(folder, $"{picture.Name}.png", png));
            files.Add(OutputFile.Write(folder, $"{picture.Name}.svg", Encoding.UTF8.GetBytes(svg)));
        }
        return files;
    }

    static (Picture Picture, byte[] Png, string Svg) Draw(Picture picture)
    {
        using Drawing drawing = Drawing.Of(picture, DrawingStyle.File);
        return (picture, drawing.Png(), drawing.Svg());
    }
}
