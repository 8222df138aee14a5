using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What a linear layer does to the size of its input: each output is a sum of fan-in products of independent values, so that
/// std(x·W) = std(x) · std(W) · √(fan-in). With weights divided by √(fan-in), outputs are as large as inputs.
/// </summary>
/// <param name="Inputs">The fan-in: columns of x, rows of W.</param>
/// <param name="Input">x [examples, fan-in], standard normal.</param>
/// <param name="Rows">The product for each factor of the weights, last that for 1/√(fan-in).</param>
sealed record FanIn(int Inputs, Distribution Input, IReadOnlyList<ScaledProduct> Rows)
{
    /// <summary>Rows of x.</summary>
    public const int Examples = 1000;

    /// <summary>The fan-in of the lecture.</summary>
    public const int LectureInputs = 10;

    /// <summary>Columns of W.</summary>
    public const int Outputs = 200;

    /// <summary>The factors of the lecture.</summary>
    public static IReadOnlyList<double> Scales { get; } = [1, 5, 0.2];

    /// <summary>Draws x and W, and multiplies them.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="inputs">The fan-in.</param>
    /// <param name="scales">The factors; null for <see cref="Scales"/>.</param>
    public static FanIn Run(ExperimentContext context, int inputs = LectureInputs, IReadOnlyList<double>? scales = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        KernelSet kernels = context.Kernels;
        TorchGenerator generator = context.CreateGenerator();
        using MemoryBuffer1D<float, Stride1D.Dense> x = kernels.Accelerator.Allocate1D(kernels.Stream, generator.RandN(Examples * inputs));
        float[] weights = generator.RandN(inputs * Outputs);
        using MemoryBuffer1D<float, Stride1D.Dense> y = kernels.Accelerator.Allocate1D<float>(Examples * Outputs);
        Draw[] draws = [.. (scales ?? Scales).Select(scale => new Draw(scale)), new Draw(1, ByFanIn: true)];
        return new FanIn(inputs, context.Meter.Measure(x.View), [.. draws.Select(Multiply)]);

        ScaledProduct Multiply(Draw draw)
        {
            float scale = draw.ScaleFor(inputs);
            using MemoryBuffer1D<float, Stride1D.Dense> w = kernels.Accelerator.Allocate1D(
                kernels.Stream, Array.ConvertAll(weights, weight => scale * weight));
            kernels.MatMul.Multiply(x.View, w.View, Examples, inputs, Outputs, y.View);
            return new ScaledProduct(
                scale, draw.ByFanIn, Math.Abs(scale) * Math.Sqrt(inputs), context.Meter.Measure(w.View), context.Meter.Measure(y.View));
        }
    }
}

/// <summary>A product x·W with W = randn times a factor.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="IsByFanIn">Whether the factor is 1/√(fan-in).</param>
/// <param name="Expected">The standard deviation that independent values would give: |scale| · √(fan-in).</param>
/// <param name="Weight">W [fan-in, outputs].</param>
/// <param name="Output">x·W [examples, outputs].</param>
sealed record ScaledProduct(float Scale, bool IsByFanIn, double Expected, Distribution Weight, Distribution Output);
