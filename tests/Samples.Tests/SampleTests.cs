using System.Globalization;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Samples.Tests;

sealed class SampleTests
{
    const int MaxLines = 30;

    [Test]
    public void MultiplyMatrices_prints_the_product_and_where_it_was_computed()
    {
        string[] lines = Sample.Run("MultiplyMatrices");
        Assert.That(lines, Has.Length.EqualTo(3));
        using (Assert.EnterMultipleScope())
        {
            // Products and sums of small whole numbers are exact.
            Assert.That(lines[..2], Is.EqualTo(new[] { "58 64", "139 154" }));
            Assert.That(lines[2], Does.Match("^computed on (CUDA|OpenCL|CPU) .+$"));
        }
    }

    [Test]
    public void TrainAndSample_learns_and_prints_six_names()
    {
        const string Loss = "loss of the dev split: ";
        string[] lines = Sample.Run("TrainAndSample");
        Assert.That(lines, Has.Length.EqualTo(7));
        Assert.That(lines[0], Does.StartWith(Loss));
        using (Assert.EnterMultipleScope())
        {
            // Of 27 characters, a guess that gives each the same probability has the loss ln 27.
            Assert.That(double.Parse(lines[0][Loss.Length..], CultureInfo.InvariantCulture), Is.InRange(1, 0.8 * Math.Log(27)));
            Assert.That(lines[1..], Has.All.Match("^[a-z]+$"));
        }
    }

    /// <summary>
    /// The kernel computes y = x/2·(1 + t) with t = tanh v and v = 0.7978845608·(x + 0.044715·x³), for |x| ≤ 6. In units of u = 2⁻²⁴: v has
    /// at most 7 roundings, its two constants' among them, and its terms have the same sign, so its error is at most 7·|v|, which tanh
    /// takes times 1 - t². DeviceMath.Tanh promises a relative error of 5e-7, which are 8.4. The sum and the product add 2·(1 + t). In all
    /// |x|/2·((1 - t²)·7·|v| + 8.4·|t| + 2·(1 + t)), whose maximum over |x| ≤ 6 is 38, at x = 6.
    /// </summary>
    [Test]
    public void OwnKernel_agrees_with_double_precision()
    {
        const string Difference = "largest difference: ";
        const double Tolerance = 38.0 / (1 << 24);
        string[] lines = Sample.Run("OwnKernel");
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.StartWith(Difference));
        // Not 0 either: single precision cannot be that good, and a kernel that is compared with itself would be.
        Assert.That(double.Parse(lines[0][Difference.Length..], CultureInfo.InvariantCulture), Is.GreaterThan(0).And.LessThan(Tolerance));
    }

    [Test]
    public void FreeLayers_prints_what_the_reference_computes()
    {
        Matrix<double> weight = Drawn(new TorchGenerator(42), 4, 3) / Math.Sqrt(4);
        Matrix<double> x = Matrix<double>.Build.DenseOfRowMajor(4, 4, Enumerable.Range(0, 16).Select(i => (double)MathF.Sin(i)));
        BatchNormResult normalized = ReferenceOperations.BatchNorm(
            x * weight, Vector<double>.Build.Dense(3, 1), Vector<double>.Build.Dense(3),
            new BatchNormConstants(1e-5f, 0.1f, RunningStatistic.Variance));
        Matrix<double> y = ReferenceOperations.Activate(Activation.Tanh, normalized.Y);
        string[] lines = Sample.Run("FreeLayers");
        Assert.That(lines, Has.Length.EqualTo(5));
        using (Assert.EnterMultipleScope())
        {
            // 4 x 3 weights and 3 biases; 3 gains and 3 biases.
            Assert.That(lines[0], Is.EqualTo("y [4, 3], 21 parameters"));
            Assert.That(
                lines[1..].SelectMany(line => line.Split(' ')).Select(value => double.Parse(value, CultureInfo.InvariantCulture)),
                Is.EqualTo(y.ToRowMajorArray()).Within(2e-6));
        }
    }

    [Test]
    public void A_sample_is_one_file_that_fits_on_a_page(
        [Values("MultiplyMatrices", "TrainAndSample", "OwnKernel", "FreeLayers")] string name)
    {
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Sources", name), "*.cs");
        Assert.That(files.Select(Path.GetFileName), Is.EqualTo(new[] { "Program.cs" }));
        Assert.That(File.ReadAllLines(files[0]), Has.Length.LessThanOrEqualTo(MaxLines));
    }

    static Matrix<double> Drawn(TorchGenerator generator, int rows, int columns) =>
        Matrix<double>.Build.DenseOfRowMajor(
            rows, columns, Array.ConvertAll(generator.RandN(rows * columns), value => (double)value));
}
