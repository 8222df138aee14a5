using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Inspect;

/// <summary>The pictures of a network on one batch.</summary>
sealed class InspectionSectionsTests
{
    // Four values in [0, 1) and one in [3, 4).
    static readonly Distribution Lopsided = new(1, 1.4, new Histogram(0, 4, [4, 0, 0, 1]));

    static readonly Distribution Narrow = new(0, 0.1, new Histogram(-0.4, 0.4, [1, 20, 20, 1]));

    // The table of characters, drawn at full size, and a last matrix that is drawn small.
    static readonly Distribution Broad = new(0, 1, new Histogram(-3, 3, [5, 10, 10, 5]));
    static readonly Distribution Peak = new(0, 0.001, new Histogram(-0.004, 0.004, [1, 20, 20, 1]));

    [Test]
    public void A_distribution_is_an_outline_that_begins_and_ends_at_0()
    {
        Chart chart = InspectionSections.Histograms("name", "title", "value", [("one", Lopsided)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chart.Series[0].X, Is.EqualTo(new double[] { 0, 0, 1, 1, 2, 2, 3, 3, 4, 4 }));
            Assert.That(chart.Series[0].Y, Is.EqualTo(new[] { 0, 0.8, 0.8, 0, 0, 0, 0, 0.2, 0.2, 0 }).Within(1e-15));
            Assert.That(chart.Upward, Is.EqualTo(new Extent(0, null)));
        }
    }

    [Test]
    public void Neither_the_table_nor_a_small_matrix_squashes_the_others()
    {
        Chart chart = Weights(Broad, Narrow, Narrow, Narrow, Peak);
        double peak = Narrow.Histogram.Densities().Max();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chart.Across, Is.EqualTo(new Extent(-0.4, 0.4)));
            Assert.That(chart.Upward.Low, Is.Zero);
            Assert.That(chart.Upward.High, Is.EqualTo(3 * peak).Within(1e-12));
        }
    }

    [Test]
    public void Distributions_that_are_alike_are_shown_whole()
    {
        Chart chart = Weights(Narrow, Narrow);
        Assert.That((chart.Across, chart.Upward), Is.EqualTo((new Extent(-0.4, 0.4), new Extent(0, null))));
    }

    [Test]
    public void What_has_diverged_has_the_axes_of_its_data()
    {
        Chart chart = Weights(new Distribution(double.NaN, double.NaN, Narrow.Histogram));
        Assert.That(chart.Across, Is.EqualTo(Extent.OfData));
    }

    [Test]
    public void Dead_units_are_marked_and_named_in_the_map()
    {
        var saturation = new Saturation(Activation.Tanh, 1, 1, [1], new float[,] { { 0, 1 }, { 0.5f, -1 } });
        ShadeMap map = InspectionSections.SaturationMap("map", "A map", saturation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.Marked!.Columns, Is.EqualTo([1]));
            Assert.That(map.Marked.Name, Is.EqualTo("dead: 1"));
            Assert.That(map.Shades.Select(shade => shade.Name), Is.EqualTo(["not", "|t| > 0.99"]));
            Assert.That(map.Values, Is.EqualTo(new double[,] { { 0, 1 }, { 0, 1 } }));
        }
    }

    // Of relu 0 is flat, of gelu what it is given below -2, or below -3.
    [TestCase(Activation.Relu, 0f, 1e-3f)]
    [TestCase(Activation.Sigmoid, 0.001f, 0.5f)]
    [TestCase(Activation.Gelu, -4f, -1f)]
    public void Each_activation_is_dead_where_it_is_flat(Activation activation, float dead, float alive)
    {
        ShadeMap map = InspectionSections.SaturationMap(
            "map", "A map", new Saturation(activation, 1, 1, [0], new float[,] { { dead, alive } }));
        Assert.That(map.Values, Is.EqualTo(new double[,] { { 1, 0 } }));
    }

    [Test]
    public void Many_dead_units_are_counted_in_the_map()
    {
        var saturation = new Saturation(Activation.Tanh, 1, 1, [.. Enumerable.Range(0, 7)], new float[1, 7]);
        Assert.That(InspectionSections.SaturationMap("map", "A map", saturation).Marked!.Name, Is.EqualTo("7 dead units"));
    }

    static Chart Weights(params Distribution[] distributions)
    {
        WeightInspection[] weights =
            [.. distributions.Select((distribution, i) => new WeightInspection($"W{i}", 2, 3, distribution, Narrow))];
        var inspection = new Inspection(0, 3, new LogitsInspection([0], 0, 0), [], weights);
        Section section = InspectionSections.Weights(inspection, weights.ToDictionary(weight => weight.Name, _ => 1.0));
        return (Chart)section.Pictures[0];
    }
}
