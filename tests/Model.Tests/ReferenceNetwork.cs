using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Tests;

/// <summary>A network with the values that it has on the accelerator, computed by the reference operations in double.</summary>
sealed class ReferenceNetwork(Mlp network)
{
    /// <summary>The embedded contexts, and then the output of each layer.</summary>
    public IReadOnlyList<Matrix<double>> Forward(int[] tokens, Pass pass)
    {
        Matrix<double> embedded = ReferenceOperations.Embed(Matrix(network.Table), tokens);
        List<Matrix<double>> outputs = [Reshaped(embedded, tokens.Length / network.Recipe.Context)];
        foreach (Layer layer in network.Layers)
        {
            outputs.Add(layer switch
            {
                Linear linear => Affine(linear, outputs[^1]),
                BatchNormalization norm when pass == Pass.Training => Normalized(norm, outputs[^1]).Y,
                BatchNormalization norm => ReferenceOperations.BatchNormFixed(
                    outputs[^1], Vector(norm.Gain), Vector(norm.Bias), Vector(norm.RunningMean), Deviation(norm)),
                GroupNormalization norm => Normalized(norm, outputs[^1]).Y,
                ActivationLayer activation => ReferenceOperations.Activate(activation.Activation, outputs[^1]),
                _ => throw new InvalidOperationException($"there is no reference of {layer}"),
            });
        }
        return outputs;
    }

    /// <summary>The mean loss over a split, normalized by the stored statistics.</summary>
    public double Loss(Split split) => Loss(split, split.Examples);

    /// <summary>The mean loss over some examples of a split, normalized by the stored statistics.</summary>
    public double Loss(Split split, int[] examples) => ReferenceOperations.SoftmaxCrossEntropy(
        Forward(split.ContextsOf(examples), Pass.Evaluation)[^1], split.TargetsOf(examples)).Losses.Average();

    /// <summary>
    /// The loss of a training batch with the L2 loss, the gradients of all parameters by name, and those of the outputs of the
    /// layers.
    /// </summary>
    public (double Loss, Dictionary<string, double[]> Gradients, IReadOnlyList<Matrix<double>> OutputGradients) Backward(
        int[] tokens, int[] targets)
    {
        var gradients = new Dictionary<string, double[]>();
        var outputGradients = new Matrix<double>[network.Layers.Count];
        IReadOnlyList<Matrix<double>> outputs = Forward(tokens, Pass.Training);
        (Vector<double> losses, Matrix<double> dy) = ReferenceOperations.SoftmaxCrossEntropy(outputs[^1], targets);
        for (int i = network.Layers.Count - 1; i >= 0; i--)
        {
            Matrix<double> x = outputs[i];
            outputGradients[i] = dy;
            switch (network.Layers[i])
            {
                case Linear linear:
                    gradients[linear.Weight.Name] = (x.Transpose() * dy).ToRowMajorArray();
                    if (linear.Bias is { } bias)
                    {
                        gradients[bias.Name] = ReferenceOperations.ColumnSums(dy).ToArray();
                    }
                    dy *= Matrix(linear.Weight).Transpose();
                    break;
                case BatchNormalization norm:
                    (dy, Vector<double> dGain, Vector<double> dBias) =
                        ReferenceOperations.BatchNormBackward(x, Normalized(norm, x), Vector(norm.Gain), norm.Constants, dy);
                    gradients[norm.Gain.Name] = dGain.ToArray();
                    gradients[norm.Bias.Name] = dBias.ToArray();
                    break;
                case GroupNormalization norm:
                    (dy, Vector<double> dGroupGain, Vector<double> dGroupBias) =
                        ReferenceOperations.GroupNormBackward(x, Normalized(norm, x), Vector(norm.Gain), dy);
                    gradients[norm.Gain.Name] = dGroupGain.ToArray();
                    gradients[norm.Bias.Name] = dGroupBias.ToArray();
                    break;
                case ActivationLayer activation:
                    dy = ReferenceOperations.ActivateBackward(
                        activation.Activation, activation.Activation.SlopeTakesInput() ? x : outputs[i + 1], dy);
                    break;
                default:
                    throw new InvalidOperationException($"there is no reference of {network.Layers[i]}");
            }
        }
        Matrix<double> dTable = ReferenceOperations.EmbedBackward(tokens, Reshaped(dy, tokens.Length), network.Vocabulary);
        gradients[network.Table.Name] = dTable.ToRowMajorArray();
        return (losses.Average() + AddL2(gradients), gradients, outputGradients);
    }

    double AddL2(Dictionary<string, double[]> gradients)
    {
        double sum = 0;
        foreach ((string name, double coefficient) in network.Recipe.L2)
        {
            Matrix<double> values = Vector(network.Parameters.Tensors.Single(tensor => tensor.Name == name)).ToRowMatrix();
            (double l2Loss, Matrix<double> gradient) = ReferenceOperations.L2Penalty(values, coefficient);
            sum += l2Loss;
            gradients[name] = [.. gradients[name].Zip(gradient.ToRowMajorArray(), (one, other) => one + other)];
        }
        return sum;
    }

    /// <summary>The batch's own statistics where a normalization sees x.</summary>
    public static BatchNormResult Normalized(BatchNormalization norm, Matrix<double> x) =>
        ReferenceOperations.BatchNorm(x, Vector(norm.Gain), Vector(norm.Bias), norm.Constants);

    static GroupNormResult Normalized(GroupNormalization norm, Matrix<double> x) =>
        ReferenceOperations.GroupNorm(x, Vector(norm.Gain), Vector(norm.Bias), norm.Epsilon, norm.Groups);

    static Matrix<double> Affine(Linear linear, Matrix<double> x)
    {
        Matrix<double> y = ReferenceOperations.MatMul(x, Matrix(linear.Weight));
        return linear.Bias is null ? y : ReferenceOperations.AddBias(y, Vector(linear.Bias));
    }

    static Vector<double> Deviation(BatchNormalization norm) =>
        ReferenceOperations.DeviationOfStored(Vector(norm.RunningVariance), norm.Constants);

    static Matrix<double> Matrix(Tensor tensor) =>
        Matrix<double>.Build.DenseOfRowMajor(tensor.Shape[0], tensor.Shape[1], tensor.ToArray().Select(value => (double)value));

    static Vector<double> Vector(Tensor tensor) => Vector<double>.Build.Dense(Array.ConvertAll(tensor.ToArray(), value => (double)value));

    // The same values, row by row, in another number of rows.
    static Matrix<double> Reshaped(Matrix<double> x, int rows) =>
        Matrix<double>.Build.DenseOfRowMajor(rows, x.RowCount * x.ColumnCount / rows, x.ToRowMajorArray());
}
