using System.Globalization;
using System.Xml.Linq;
using Makemore.Gpu.Runner.Display.Plots;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;
using SkiaSharp;

namespace Makemore.Gpu.Runner.Tests.Display.Plots;

sealed class DrawingTests
{
    // Title and legend of a map, in pixels of a file.
    const int HeadingHeight = 132;

    static readonly Dictionary<string, DrawingStyle> Styles = new()
    {
        ["file"] = DrawingStyle.File,
        ["wide and dark"] = DrawingStyle.Wide(PlotColors.Dark),
        ["narrow and light"] = DrawingStyle.Narrow(PlotColors.Light),
    };

    static readonly Dictionary<string, Picture> Pictures =
        new Picture[] { SomePages.Loss, SomePages.Calibration, SomePages.Corner }.ToDictionary(picture => picture.Name);

    // Each name, and what the values are.
    static readonly (string Name, double[] Values)[] OddValues =
    [
        ("none", []), ("one", [3]), ("zero", [0]), ("constant", [0.5, 0.5, 0.5]), ("nearly constant", [1e16, 1e16 + 2, 1e16]),
        ("diverged", [2, 1e38, -3e38]), ("beyond", [double.MaxValue, -double.MaxValue, 1]), ("tiny", [1e-300, 2e-300, 4e-300]),
        ("not numbers", [double.NaN, double.PositiveInfinity, double.NegativeInfinity]), ("a power of ten", [0, 1000]),
        ("denormal", [0, double.Epsilon]),
    ];

    static IEnumerable<string> PictureNames => Pictures.Keys;

    static IEnumerable<string> StyleNames => Styles.Keys;

    static IEnumerable<TestCaseData> Odd => OddValues.Select(odd => new TestCaseData(odd.Values).SetArgDisplayNames(odd.Name));

    [Test]
    public void Png_has_the_size_that_is_claimed_and_something_in_it(
        [ValueSource(nameof(PictureNames))] string picture, [ValueSource(nameof(StyleNames))] string style)
    {
        using Drawing drawing = Drawing.Of(Pictures[picture], Styles[style]);
        using SKBitmap bitmap = SKBitmap.Decode(drawing.Png());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((bitmap.Width, bitmap.Height), Is.EqualTo((2 * drawing.Width, 2 * drawing.Height)));
            Assert.That(bitmap.Pixels.Distinct().Count(), Is.GreaterThan(8));
        }
    }

    [Test]
    public void A_chart_is_1600_by_900_pixels()
    {
        using Drawing drawing = Drawing.Of(SomePages.Loss, DrawingStyle.File);
        using SKBitmap bitmap = SKBitmap.Decode(drawing.Png());
        Assert.That((bitmap.Width, bitmap.Height), Is.EqualTo((1600, 900)));
    }

    [Test]
    public void The_same_picture_is_the_same_svg_each_time(
        [ValueSource(nameof(PictureNames))] string picture, [ValueSource(nameof(StyleNames))] string style)
    {
        using Drawing drawing = Drawing.Of(Pictures[picture], Styles[style]);
        // Neither what was drawn before nor the pixels in between leave a trace.
        string first = drawing.Svg();
        drawing.Png();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(drawing.Svg(), Is.EqualTo(first));
            Assert.That(Svg(Pictures[picture], Styles[style]), Is.EqualTo(first));
        }
    }

    [Test]
    public void Names_of_axes_series_and_levels_are_there([ValueSource(nameof(StyleNames))] string style)
    {
        string[] texts = Texts(SomePages.Loss, Styles[style]);
        Assert.That(texts, Is.SupersetOf(new[] { "step", "loss", "each step", "average", "uniform", "best" }));
        Assert.That(texts.Contains("Loss during training"), Is.EqualTo(Styles[style].Titled));
    }

    [Test]
    public void Steps_are_whole_and_have_their_thousands_set_apart() =>
        Assert.That(Texts(SomePages.Loss, DrawingStyle.File), Is.SupersetOf(new[] { "0", "1,000", "2,000", "3,000", "4,000" }));

    [Test]
    public void An_axis_ends_where_it_is_asked_to()
    {
        Chart chart = SomePages.ChartOf(0.2, 3, 900) with { Across = new Extent(-1, 1), Upward = new Extent(0, 4) };
        Assert.That(Texts(chart, DrawingStyle.File), Is.SupersetOf(new[] { "−1", "1", "0.0", "4.0" }).And.Not.Contains("2"));
    }

    [Test]
    public void A_logarithmic_axis_has_the_values_themselves_and_leaves_out_what_has_no_logarithm()
    {
        Chart chart = SomePages.ChartOf(30, 3, 2, 4, 2) with { IsLogarithmic = true, Levels = [new Level(20, "level")] };
        Chart odd = chart with { Series = [new Series("odd", [0, 1, 2, 3, 4, 5, 6], [30, 3, 2, 4, 2, 0, -7])] };
        using (Assert.EnterMultipleScope())
        {
            // Five steps, and then the losses.
            Assert.That(Numbers(chart), Is.EqualTo(new[] { "0", "1", "2", "3", "4", "2", "5", "10", "20" }));
            Assert.That(Numbers(odd)[^4..], Is.EqualTo(new[] { "2", "5", "10", "20" }));
        }

        static string[] Numbers(Chart chart) => [.. Texts(chart, DrawingStyle.File).Where(text => text.All(char.IsAsciiDigit))];
    }

    [Test]
    public void A_logarithmic_axis_of_many_powers_has_as_many_ticks_as_fit()
    {
        string[] texts = Texts(SomePages.ChartOf(1e-30, 1, 1e30) with { IsLogarithmic = true }, DrawingStyle.File);
        Assert.That(texts.Count(text => text.Contains('E', StringComparison.Ordinal)), Is.InRange(2, 12));
    }

    [Test]
    public void A_logarithmic_axis_across_leaves_out_what_has_no_logarithm()
    {
        Series points = new("points", [0, 1, 10, 100, 1000], [1, 2, 3, 4, 5], SeriesStyle.Points) { Labels = ["a", "b", "c", "d", "e"] };
        string[] texts = Texts(SomePages.ChartOf(1) with { Series = [points], IsLogarithmicAcross = true }, DrawingStyle.File);
        Assert.That(texts, Is.SupersetOf(new[] { "1", "10", "100", "1,000", "b", "c", "d", "e" }).And.None.EqualTo("a"));
    }

    [Test]
    public void A_key_says_what_labels_mean_and_then_their_series_are_named_too([ValueSource(nameof(StyleNames))] string style)
    {
        Series points = new("points", [1, 2], [1, 2], SeriesStyle.Points) { Labels = ["a", "b"] };
        string[] texts = Texts(SomePages.ChartOf(1) with { Series = [points], Key = ["a first", "b second"] }, Styles[style]);
        Assert.That(texts, Is.SupersetOf(new[] { "points", "a", "b", "a first", "b second" }));
    }

    [Test]
    public void Positions_have_names_where_they_are_given()
    {
        Chart chart = SomePages.ChartOf(0.1, 0.2, 0.3) with { Names = [".", "a", "b"] };
        Assert.That(Texts(chart, DrawingStyle.File), Is.SupersetOf(new[] { ".", "a", "b" }).And.None.EqualTo("1"));
    }

    [Test]
    public void Points_with_labels_have_them_in_place_of_marks_and_of_a_name_in_the_legend([ValueSource(nameof(StyleNames))] string style)
    {
        Chart chart = SomePages.ChartOf(0.5, double.NaN, 3.5);
        Series points = new("points", chart.Series[0].X, chart.Series[0].Y, SeriesStyle.Points) { Labels = ["a", "b", "c"] };
        string[] texts = Texts(chart with { Series = [points] }, Styles[style]);
        Assert.That(texts, Is.SupersetOf(new[] { "a", "c" }).And.None.EqualTo("b").And.None.EqualTo("points"));
    }

    [Test]
    public void Of_more_names_than_fit_every_second_is_there()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"n{i}")];
        Chart chart = SomePages.ChartOf([.. Enumerable.Range(0, 100).Select(i => i * 0.5)]) with { Names = names };
        string[] shown = [.. Texts(chart, DrawingStyle.File).Where(names.Contains)];
        Assert.That(shown, Is.EqualTo(names.Where((_, i) => i % 2 == 0)));
    }

    [Test]
    public void A_moment_is_named_where_the_axis_reaches_it()
    {
        Chart chart = SomePages.ChartOf(1, 2, 3) with { Moments = [new Moment(2, "the drop"), new Moment(3, "too late")] };
        string[] texts = Texts(chart, DrawingStyle.File);
        Assert.That(texts, Does.Contain("the drop").And.Not.Contain("too late"));
    }

    [Test]
    public void Ticks_between_whole_steps_are_not_drawn()
    {
        Chart chart = SomePages.ChartOf(100, 200, 300);
        Assert.That(Texts(chart, DrawingStyle.File), Has.None.Contains(".").And.Contain("2"));
    }

    [Test]
    public void Each_of_eight_series_has_a_color_of_its_own()
    {
        Series[] series = [.. Enumerable.Range(0, 8).Select(i => SomePages.Line($"series {i}", 10, step => step + i))];
        foreach (PlotColors colors in new[] { PlotColors.Light, PlotColors.Dark })
        {
            XDocument svg = XDocument.Parse(Svg(new Chart("eight", "", "", "", series), DrawingStyle.Wide(colors)));
            string[] strokes = [.. svg.Descendants().Select(element => (string?)element.Attribute("stroke")).OfType<string>().Distinct()];
            // And the grid and the axis.
            Assert.That(strokes, Has.Length.EqualTo(8 + 2), string.Join(' ', strokes));
        }
    }

    [Test]
    public void Light_and_dark_have_their_background()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Background(PlotColors.Light), Is.EqualTo(SKColors.White));
            Assert.That(Background(PlotColors.Dark).Red, Is.LessThan(40));
        }

        static SKColor Background(PlotColors colors)
        {
            using SKBitmap bitmap = SKBitmap.Decode(Png(SomePages.Loss, DrawingStyle.Wide(colors)));
            return bitmap.GetPixel(0, 0);
        }
    }

    [Test]
    public void What_is_not_finite_is_left_out()
    {
        Series clean = new("loss", [0, 1, 3, 6], [2, 3, 1, 2]);
        Series faulty = new("loss", [0, 1, 2, 3, double.NaN, 5, 6], [2, 3, double.NaN, 1, 7, double.NegativeInfinity, 2]);
        Chart chart = new("loss", "Loss", "x", "y", [clean]);
        Assert.That(Svg(chart with { Series = [faulty] }, DrawingStyle.File), Is.EqualTo(Svg(chart, DrawingStyle.File)));
    }

    [TestCaseSource(nameof(Odd))]
    public void Odd_values_give_a_chart_with_axes(double[] values)
    {
        Chart chart = SomePages.ChartOf(values);
        Level level = new(values.FirstOrDefault(), "level");
        foreach (Chart odd in new[] { chart, chart with { Series = [chart.Series[0] with { X = values }], Levels = [level] } })
        {
            string svg = Svg(odd, DrawingStyle.File);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(Texts(odd, DrawingStyle.File).Count(text => text.Any(char.IsAsciiDigit)), Is.GreaterThanOrEqualTo(2), svg);
                Assert.That(svg, Does.Not.Contain("nan").IgnoreCase.And.Not.Contain("\"inf"));
            }
        }
    }

    [Test]
    public void A_line_of_a_single_point_is_seen()
    {
        using SKBitmap bitmap = SKBitmap.Decode(Png(SomePages.ChartOf(3), DrawingStyle.File));
        ScottPlot.Color color = PlotColors.Light.Series[0];
        int below = bitmap.Height / 5;
        Assert.That(bitmap.Pixels.Skip(below * bitmap.Width), Does.Contain(new SKColor(color.R, color.G, color.B)));
    }

    [Test]
    public void Many_points_are_thinned_to_the_lowest_and_highest_of_each_column()
    {
        ScottPlot.Coordinates[] points = [.. Enumerable.Range(0, 200_000).Select(i => new ScottPlot.Coordinates(i, Math.Sin(i * 0.01)))];
        points[77_777] = new ScottPlot.Coordinates(77_777, 50);
        points[123_456] = new ScottPlot.Coordinates(123_456, -60);
        ScottPlot.Coordinates[] thin = Decimation.Thin(points, 800);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(thin, Has.Length.LessThanOrEqualTo(2 * 801));
            Assert.That(thin, Does.Contain(points[77_777]).And.Contain(points[123_456]));
            Assert.That(thin.Select(point => point.X), Is.Ordered);
            Assert.That(Decimation.Thin(thin[..1600], 800), Is.EqualTo(thin[..1600]));
        }
    }

    [Test]
    public void A_line_that_turns_back_is_not_thinned()
    {
        ScottPlot.Coordinates[] circle =
            [.. Enumerable.Range(0, 10_000).Select(i => new ScottPlot.Coordinates(Math.Cos(i * 0.001), Math.Sin(i * 0.001)))];
        Assert.That(Decimation.Thin(circle, 100), Is.SameAs(circle));
    }

    [Test]
    public void A_long_run_is_a_small_file()
    {
        Chart run =
            SomePages.Loss with { Series = [SomePages.Line("each step", 200_000, step => Math.Sin(step * step), SeriesStyle.Faint)] };
        Assert.That(Svg(run, DrawingStyle.File), Has.Length.LessThan(60_000));
    }

    [Test]
    public void Cells_are_crisp_and_rows_count_downwards()
    {
        using SKBitmap bitmap = SKBitmap.Decode(Png(SomePages.Corner, DrawingStyle.File));
        SKRectI gray = Extent(bitmap, color => color is { Red: 127 or 128, Green: 127 or 128, Blue: 127 or 128 }, out int count);
        SKRectI black = Extent(bitmap, color => color == SKColors.Black, out int _);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(count, Is.EqualTo(gray.Width * gray.Height));
            Assert.That(gray.Width, Is.EqualTo(30).Within(2));
            Assert.That(gray.Height, Is.EqualTo(gray.Width).Within(2));
            Assert.That(
                (gray.Left, gray.Top),
                Is.EqualTo((black.Left, black.Top)).Using<(int, int)>(
                    (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) <= 2));
            Assert.That(Svg(SomePages.Corner, DrawingStyle.File), Does.Contain("image-rendering:pixelated"));
        }
    }

    [Test]
    public void A_map_tells_what_its_shades_are()
    {
        ShadeMap map = new("map", "A map", "x", "y", new double[,] { { -3, 0, 5 } }, Black: -3, White: 5);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Texts(map, DrawingStyle.File), Is.SupersetOf(new[] { "−3.00", "1.00", "5.00" }));
            Assert.That(
                Texts(map with { Shades = [new Shade(-3, "low"), new Shade(5, "high")] }, DrawingStyle.File),
                Is.SupersetOf(new[] { "low", "high" }).And.None.EqualTo("1.00"));
            Assert.That(Texts(map with { Names = [".", "a", "b"] }, DrawingStyle.File), Is.SupersetOf(new[] { ".", "a", "b" }));
        }
    }

    [Test]
    public void Marked_columns_have_a_color_and_a_name()
    {
        ShadeMap marked = SomePages.Corner with { Marked = new MarkedColumns("dead: 7", [7]) };
        using SKBitmap bitmap = SKBitmap.Decode(Png(marked, DrawingStyle.File));
        SKRectI column = Extent(bitmap, color => color.Red > color.Blue + 60 && color.Red < 160, out int count);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Texts(marked, DrawingStyle.File), Does.Contain("dead: 7"));
            Assert.That(Texts(SomePages.Corner, DrawingStyle.File), Does.Not.Contain("dead: 7"));
            // A column of the eight rows, of black cells under the color.
            Assert.That(column.Width, Is.EqualTo(30).Within(2));
            Assert.That(column.Height, Is.EqualTo(8 * 30).Within(2));
            Assert.That(count, Is.EqualTo(column.Width * column.Height));
        }
    }

    [TestCase(1, 1, 0, 1)]
    [TestCase(1, 1, 1, 1)]
    [TestCase(32, 200, -1, 1)]
    [TestCase(100, 600, 0, 1)]
    [TestCase(3, 1, 0, double.MaxValue)]
    public void A_map_of_any_size_is_drawn(int rows, int columns, double black, double white)
    {
        var values = new double[rows, columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                values[row, column] = row == 0 && columns > 1 ? double.NaN : double.PositiveInfinity;
            }
        }
        using Drawing drawing = Drawing.Of(
            new ShadeMap("map", "A map", "x", "y", values, black, white), DrawingStyle.Narrow(PlotColors.Dark));
        using SKBitmap bitmap = SKBitmap.Decode(drawing.Png());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(drawing.Width, Is.InRange(320, 400));
            Assert.That(bitmap.Pixels, Does.Contain(SKColors.White));
        }
    }

    [Test]
    public void A_scale_tells_the_values_of_some_shades([ValueSource(nameof(StyleNames))] string style)
    {
        ShadeMap map = SomePages.Corner with { Black = -1.0 / 32, White = 0, Shades = [] };
        Assert.That(Texts(map, Styles[style]), Is.SupersetOf(new[] { "−0.0312", "−0.0156", "0.0000" }));
    }

    [TestCase(0, "0.00")]
    [TestCase(3.36, "3.36")]
    [TestCase(-2e-9, "−2E−9")]
    public void The_scale_of_one_value_is_one_shade(double value, string label)
    {
        var map = new ShadeMap("map", "A map", "x", "y", new[,] { { value } }, Black: value, White: value);
        Assert.That(Texts(map, DrawingStyle.File), Has.One.EqualTo(label));
    }

    [Test]
    public void A_map_of_many_rows_is_no_endless_picture()
    {
        using Drawing drawing = Drawing.Of(
            new ShadeMap("map", "A map", "x", "y", new double[20_000, 27], Black: 0, White: 1), DrawingStyle.File);
        Assert.That(drawing.Height, Is.LessThan(2000));
    }

    [Test]
    public void A_title_that_is_wider_than_a_map_has_space()
    {
        using Drawing titled = Drawing.Of(SomePages.Corner with { Title = new string('m', 60) }, DrawingStyle.File);
        Assert.That(titled.Width, Is.GreaterThan(700));
    }

    [Test]
    public void The_culture_changes_nothing()
    {
        string expected = Svg(SomePages.Loss, DrawingStyle.File);
        CultureInfo former = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        german.NumberFormat.NumberGroupSeparator = ".";
        german.NumberFormat.NegativeSign = "~";
        CultureInfo.CurrentCulture = german;
        try
        {
            Assert.That(Svg(SomePages.Loss, DrawingStyle.File), Is.EqualTo(expected));
        }
        finally
        {
            CultureInfo.CurrentCulture = former;
        }
    }

    [Test]
    public void Text_is_drawn_with_the_font_of_the_program()
    {
        SKTypeface typeface = ScottPlot.Fonts.GetTypeface(PlotFont.Use(), bold: false, italic: false);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(typeface.FamilyName, Is.EqualTo("Liberation Sans"));
            Assert.That(typeface.ContainsGlyphs("loss −0.5 → log₁₀ β γ × ñ"), Is.True);
            Assert.That(
                XDocument.Parse(Svg(SomePages.Loss, DrawingStyle.File)).Descendants()
                    .Select(element => (string?)element.Attribute("font-family")).OfType<string>().Distinct(),
                Is.EqualTo(new[] { PlotFont.Families }));
        }
    }

    static string Svg(Picture picture, DrawingStyle style)
    {
        using Drawing drawing = Drawing.Of(picture, style);
        return drawing.Svg();
    }

    static byte[] Png(Picture picture, DrawingStyle style)
    {
        using Drawing drawing = Drawing.Of(picture, style);
        return drawing.Png();
    }

    static string[] Texts(Picture picture, DrawingStyle style) =>
    [
        .. XDocument.Parse(Svg(picture, style)).Descendants()
            .Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()),
    ];

    // Of what is below title and legend.
    static SKRectI Extent(SKBitmap bitmap, Func<SKColor, bool> wanted, out int count)
    {
        SKPointI[] points =
        [
            .. from y in Enumerable.Range(HeadingHeight, bitmap.Height - HeadingHeight)
               from x in Enumerable.Range(0, bitmap.Width)
               where wanted(bitmap.GetPixel(x, y))
               select new SKPointI(x, y),
        ];
        count = points.Length;
        return new SKRectI(
            points.Min(point => point.X), points.Min(point => point.Y), points.Max(point => point.X) + 1, points.Max(point => point.Y) + 1);
    }
}
