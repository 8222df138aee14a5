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
/// <param name="Input">x [examples, fan-in], standard normal.</param>
/// <param name="Rows">The product for each factor of the weights.</param>
public sealed record FanIn(Distribution Input, IReadOnlyList<ScaledProduct> Rows)
{
    /// <summary>Rows of x.</summary>
    public const int Examples = 1000;

    /// <summary>Columns of x, rows of W.</summary>
    public const int Inputs = 10;

    /// <summary>Columns of W.</summary>
    public const int Outputs = 200;

    static readonly Draw[] Draws = [new(1), new(5), new(0.2), new(1, ByFanIn: true)];

    /// <summary>Draws x and W, and multiplies them.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    public static FanIn Run(ExperimentContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        KernelSet kernels = context.Kernels;
        TorchGenerator generator = context.CreateGenerator();
        using MemoryBuffer1D<float, Stride1D.Dense> x = kernels.Accelerator.Allocate1D(kernels.Stream, generator.RandN(Examples * Inputs));
        float[] weights = generator.RandN(Inputs * Outputs);
        using MemoryBuffer1D<float, Stride1D.Dense> y = kernels.Accelerator.Allocate1D<float>(Examples * Outputs);
        return new FanIn(context.Meter.Measure(x.View), [.. Draws.Select(draw => Multiply(draw.ScaleFor(Inputs), draw.ByFanIn))]);

        ScaledProduct Multiply(float scale, bool isByFanIn)
        {
            using MemoryBuffer1D<float, Stride1D.Dense> w = kernels.Accelerator.Allocate1D(
                kernels.Stream, Array.ConvertAll(weights, weight => scale * weight));
            kernels.MatMul.Multiply(x.View, w.View, Examples, Inputs, Outputs, y.View);
            return new ScaledProduct(scale, isByFanIn, context.Meter.Measure(w.View), context.Meter.Measure(y.View));
        }
    }
}

/// <summary>A product x·W with W = randn times a factor.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="IsByFanIn">Whether the factor is 1/√(fan-in).</param>
/// <param name="Weight">W [fan-in, outputs].</param>
/// <param name="Output">x·W [examples, outputs].</param>
public sealed record ScaledProduct(float Scale, bool IsByFanIn, Distribution Weight, Distribution Output)
{
    /// <summary>The standard deviation that independent values would give: scale · √(fan-in).</summary>
    public double Expected => Scale * Math.Sqrt(FanIn.Inputs);
}
