using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>What goes value by value: the bias and its gradient, activations, and the update of the parameters.</summary>
static class ElementwiseOperations
{
    const float LearningRate = 0.1f;

    /// <summary>x + b, in place.</summary>
    /// <param name="n">N, rows of x.</param>
    /// <param name="h">H, columns of x.</param>
    public static Operation AddBias(int n, int h) =>
        new("Bias.Add", $"[{n}, {h}]", bench =>
        {
            Operand<float> bias = bench.Input(h), x = bench.InPlace(n, h);
            return new(() => bench.Kernels.Bias.Add(bias.View, n, h, x.View), () => ReferenceOperations.AddBias(x.Matrix, bias.Vector));
        })
        {
            Cost = new((double)n * h, (2.0 * n * h) + h, "N·H", "2·N·H + H"),
        };

    /// <summary>The gradient of the bias: the sums of the columns of dy.</summary>
    /// <param name="n">N, rows of dy.</param>
    /// <param name="h">H, columns of dy.</param>
    public static Operation SumColumns(int n, int h) =>
        new("Bias.ColumnSums", $"[{n}, {h}]", bench =>
        {
            Operand<float> dy = bench.Input(n, h), dBias = bench.Output(h);
            return new(() => bench.Kernels.Bias.ColumnSums(dy.View, n, h, dBias.View), () => ReferenceOperations.ColumnSums(dy.Matrix));
        })
        {
            Cost = new((double)n * h, ((double)n * h) + h, "N·H", "N·H + H"),
        };

    /// <summary>y from x.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="n">N, rows of x.</param>
    /// <param name="h">H, columns of x.</param>
    public static Operation Activate(Activation activation, int n, int h)
    {
        int perValue = ElementaryCosts.Value(activation);
        return new($"{activation}.Forward", $"[{n}, {h}]", bench =>
        {
            ActivationFunction function = bench.Kernels.ActivationOf(activation);
            Operand<float> x = bench.Input(n, h), y = bench.Output(n, h);
            return new(() => function.Forward(x.View, y.View), () => ReferenceOperations.Activate(activation, x.Matrix));
        })
        {
            Cost = new((double)perValue * n * h, 2.0 * n * h, Formula(perValue), "2·N·H"),
        };
    }

    /// <summary>dx from dy, and from y or x.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="n">N, rows of dy.</param>
    /// <param name="h">H, columns of dy.</param>
    public static Operation ActivateBackward(Activation activation, int n, int h)
    {
        int perValue = ElementaryCosts.Slope(activation);
        return new($"{activation}.Backward", $"[{n}, {h}]", bench =>
        {
            ActivationFunction function = bench.Kernels.ActivationOf(activation);
            Operand<float> source = bench.Input(n, h), dy = bench.Input(n, h), dx = bench.Output(n, h);
            return new(
                () => function.Backward(source.View, dy.View, dx.View),
                () => ReferenceOperations.ActivateBackward(activation, source.Matrix, dy.Matrix));
        })
        {
            Cost = new((double)perValue * n * h, 3.0 * n * h, Formula(perValue), "3·N·H"),
        };
    }

    /// <summary>The update of parameters by their gradients.</summary>
    /// <param name="w">W, the parameters.</param>
    public static Operation Update(int w) =>
        new("Sgd.Update", $"[{w}]", bench =>
        {
            Operand<float> gradients = bench.Input(w), parameters = bench.InPlace(w);
            Operand<StepState> state = bench.State(LearningRate);
            return new(
                () => bench.Kernels.Sgd.Update(gradients.View, state.View, parameters.View),
                () => ReferenceOperations.Sgd(parameters.Matrix, gradients.Matrix, LearningRate));
        })
        {
            Cost = new(2.0 * w, 3.0 * w, "2·W", "3·W"),
        };

    static string Formula(int perValue) => perValue == 1 ? "N·H" : $"{perValue}·N·H";
}
