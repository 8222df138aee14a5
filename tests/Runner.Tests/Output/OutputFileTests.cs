using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Tests.Display;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;
using SkiaSharp;

namespace Makemore.Gpu.Runner.Tests.Output;

sealed class OutputFileTests : CommandTests
{
    [Test]
    public void Pictures_are_written_as_png_and_svg()
    {
        IReadOnlyList<string> files = PictureFiles.Write("new/folder", SomePages.Page);
        string[] names = ["loss.png", "loss.svg", "corner.png", "corner.svg", "calibration.png", "calibration.svg"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(files, Is.EqualTo(names.Select(name => Path.Combine("new/folder", name))));
            Assert.That(Directory.GetFiles("new/folder").Select(Path.GetFileName), Is.EquivalentTo(names));
            foreach (string file in files.Where(file => file.EndsWith(".png", StringComparison.Ordinal)))
            {
                using SKBitmap? bitmap = SKBitmap.Decode(file);
                Assert.That(bitmap?.Width, Is.GreaterThan(600), file);
            }
        }
    }

    [Test]
    public void A_report_is_one_file()
    {
        Assert.That(HtmlReport.Write("new", SomePages.Page), Is.EqualTo(Path.Combine("new", "report.html")));
        Assert.That(File.ReadAllText("new/report.html"), Is.EqualTo(HtmlReport.Html(SomePages.Page)));
    }

    [Test]
    public void What_is_there_is_replaced()
    {
        Write("report.html", new string('x', 5_000_000));
        HtmlReport.Write(".", SomePages.Page);
        Assert.That(File.ReadAllText("report.html"), Is.EqualTo(HtmlReport.Html(SomePages.Page)));
    }

    [TestCase("file")]
    [TestCase("file/below")]
    [TestCase("folder")]
    public void A_path_that_cannot_be_written_is_named(string folder)
    {
        Write("file", "not a folder");
        Directory.CreateDirectory("folder/report.html");
        Directory.CreateDirectory("folder/loss.png");
        using (Assert.EnterMultipleScope())
        {
            Action[] writes = [() => HtmlReport.Write(folder, SomePages.Page), () => PictureFiles.Write(folder, SomePages.Page)];
            foreach (Action write in writes)
            {
                Assert.That(
                    write,
                    Throws.TypeOf<InvalidRequestException>()
                        .With.Message.Contains($"'{folder}{Path.DirectorySeparatorChar}").And.Message.Contains("give another folder"));
            }
        }
    }
}
