using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Model.Network;

/// <summary>What a forward pass is for.</summary>
enum Pass
{
    /// <summary>Training: normalizations use the batch's own statistics and update the running ones.</summary>
    Training,

    /// <summary>
    /// A look at the network as it trains: normalizations use the batch's own statistics and do not update the running ones.
    /// </summary>
    Diagnosis,

    /// <summary>Evaluation: normalizations use the stored statistics, so that every example stands for itself.</summary>
    Evaluation,
}

/// <summary>A layer: a function of a batch of rows, with its backward pass. It holds no activations; those are the caller's.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="outputs">The width of a row that it gives.</param>
abstract class Layer(KernelSet kernels, int outputs)
{
    /// <summary>The kernels.</summary>
    protected KernelSet Kernels { get; } = kernels;

    /// <summary>The width of a row that it gives.</summary>
    public int Outputs { get; } = outputs;

    /// <summary>y from x.</summary>
    /// <param name="x">Input [N, inputs].</param>
    /// <param name="batch">N.</param>
    /// <param name="pass">What the pass is for.</param>
    /// <param name="y">Output [N, outputs].</param>
    public abstract void Forward(ArrayView<float> x, int batch, Pass pass, ArrayView<float> y);

    /// <summary>The gradients of the input and of the parameters, after a forward pass for training.</summary>
    /// <param name="x">Input [N, inputs], as it went forward.</param>
    /// <param name="y">Output [N, outputs], as it came out.</param>
    /// <param name="dy">The gradient of the output.</param>
    /// <param name="batch">N.</param>
    /// <param name="dx">The gradient of the input.</param>
    public abstract void Backward(ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, int batch, ArrayView<float> dx);

    /// <summary>Tells what the launches of <see cref="Forward"/> take.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N.</param>
    /// <param name="pass">What the pass is for.</param>
    public abstract void PlanForward(LaunchPlan plan, int batch, Pass pass);

    /// <summary>Tells what the launches of <see cref="Backward"/> take.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N.</param>
    public abstract void PlanBackward(LaunchPlan plan, int batch);
}

/// <summary>y = x·W, and + b where there is a bias.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="weight">W [inputs, outputs].</param>
/// <param name="bias">b [outputs], or null.</param>
sealed class Linear(KernelSet kernels, Tensor weight, Tensor? bias) : Layer(kernels, weight.Shape[1])
{
    /// <summary>W [inputs, outputs].</summary>
    public Tensor Weight { get; } = weight;

    /// <summary>b [outputs], or null.</summary>
    public Tensor? Bias { get; } = bias;

    int Inputs => Weight.Shape[0];

    /// <inheritdoc/>
    public override void Forward(ArrayView<float> x, int batch, Pass pass, ArrayView<float> y)
    {
        Kernels.MatMul.Multiply(x, Weight.Data, batch, Inputs, Outputs, y);
        if (Bias is not null)
        {
            Kernels.Bias.Add(Bias.Data, batch, Outputs, y);
        }
    }

    /// <inheritdoc/>
    public override void Backward(ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, int batch, ArrayView<float> dx)
    {
        Kernels.MatMul.MultiplyLeftTransposed(x, dy, Inputs, batch, Outputs, Weight.Gradient);
        Kernels.MatMul.MultiplyRightTransposed(dy, Weight.Data, batch, Outputs, Inputs, dx);
        if (Bias is not null)
        {
            Kernels.Bias.ColumnSums(dy, batch, Outputs, Bias.Gradient);
        }
    }

    /// <inheritdoc/>
    public override void PlanForward(LaunchPlan plan, int batch, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Kernels.MatMul.PlanMultiply(plan, batch, Inputs, Outputs);
        if (Bias is not null)
        {
            plan.Launch();
        }
    }

    /// <inheritdoc/>
    public override void PlanBackward(LaunchPlan plan, int batch)
    {
        Kernels.MatMul.PlanLeftTransposed(plan, Inputs, batch, Outputs);
        Kernels.MatMul.PlanRightTransposed(plan, batch, Outputs, Inputs);
        if (Bias is not null)
        {
            Kernels.Bias.PlanColumnSums(plan, batch, Outputs);
        }
    }
}

/// <summary>A normalization, which scales and shifts each feature after it.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="gain">gain [H].</param>
/// <param name="bias">bias [H].</param>
abstract class NormalizationLayer(KernelSet kernels, Tensor gain, Tensor bias) : Layer(kernels, gain.Length)
{
    /// <summary>gain [H].</summary>
    public Tensor Gain { get; } = gain;

    /// <summary>bias [H].</summary>
    public Tensor Bias { get; } = bias;
}

/// <summary>Batch normalization of each feature.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="constants">ε, momentum, and which of its forms the normalization has.</param>
/// <param name="gain">gain [H].</param>
/// <param name="bias">bias [H].</param>
/// <param name="runningMean">The mean that evaluation uses [H].</param>
/// <param name="runningVariance">The variance that evaluation uses [H]; or the standard deviation, where the constants say so.</param>
/// <param name="batchMean">Scratch: the last training batch's mean [H].</param>
/// <param name="batchInverseDeviation">Scratch: the last training batch's r, rstd [H].</param>
sealed class BatchNormalization(
    KernelSet kernels, BatchNormConstants constants, Tensor gain, Tensor bias, Tensor runningMean, Tensor runningVariance,
    Tensor batchMean, Tensor batchInverseDeviation)
    : NormalizationLayer(kernels, gain, bias)
{
    /// <summary>The mean that evaluation uses [H].</summary>
    public Tensor RunningMean { get; } = runningMean;

    /// <summary>The variance that evaluation uses [H]; or the standard deviation, where <see cref="Constants"/> say so.</summary>
    public Tensor RunningVariance { get; } = runningVariance;

    /// <summary>ε, momentum, and which of its forms the normalization has.</summary>
    public BatchNormConstants Constants { get; } = constants;

    /// <inheritdoc/>
    public override void Forward(ArrayView<float> x, int batch, Pass pass, ArrayView<float> y)
    {
        if (pass != Pass.Evaluation)
        {
            BatchNormConstants constants = pass == Pass.Training ? Constants : Constants with { Momentum = 0f };
            Kernels.BatchNorm.Forward(
                x, Gain.Data, Bias.Data, constants, batch, Outputs, y,
                batchMean.Data, batchInverseDeviation.Data, RunningMean.Data, RunningVariance.Data);
        }
        else
        {
            Kernels.BatchNorm.ForwardFixed(x, Gain.Data, Bias.Data, RunningMean.Data, RunningVariance.Data, Constants, batch, Outputs, y);
        }
    }

    /// <inheritdoc/>
    public override void Backward(ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, int batch, ArrayView<float> dx) =>
        Kernels.BatchNorm.Backward(
            x, batchMean.Data, batchInverseDeviation.Data, Gain.Data, Constants, dy, batch, Outputs, dx, Gain.Gradient, Bias.Gradient);

    /// <inheritdoc/>
    public override void PlanForward(LaunchPlan plan, int batch, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (pass == Pass.Evaluation)
        {
            plan.Launch();
        }
        else
        {
            Kernels.BatchNorm.PlanForward(plan, batch, Outputs);
        }
    }

    /// <inheritdoc/>
    public override void PlanBackward(LaunchPlan plan, int batch) => Kernels.BatchNorm.PlanBackward(plan, batch, Outputs);
}

/// <summary>Group normalization of each example, in evaluation as in training.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="groups">G; 1 for layer normalization.</param>
/// <param name="epsilon">ε.</param>
/// <param name="gain">gain [H].</param>
/// <param name="bias">bias [H].</param>
sealed class GroupNormalization(KernelSet kernels, int groups, float epsilon, Tensor gain, Tensor bias)
    : NormalizationLayer(kernels, gain, bias)
{
    // They have a value for each group of each example of the last batch.
    readonly Workspace means = new(kernels.Launcher);
    readonly Workspace inverseDeviations = new(kernels.Launcher);

    /// <summary>G; 1 for layer normalization.</summary>
    public int Groups { get; } = groups;

    /// <summary>ε.</summary>
    public float Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override void Forward(ArrayView<float> x, int batch, Pass pass, ArrayView<float> y) =>
        Kernels.GroupNorm.Forward(
            x, Gain.Data, Bias.Data, Epsilon, batch, Outputs, Groups, y,
            means.Take<float>((long)batch * Groups), inverseDeviations.Take<float>((long)batch * Groups));

    /// <inheritdoc/>
    public override void Backward(ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, int batch, ArrayView<float> dx) =>
        Kernels.GroupNorm.Backward(
            x, means.Take<float>((long)batch * Groups), inverseDeviations.Take<float>((long)batch * Groups), Gain.Data, dy, batch, Outputs,
            Groups, dx, Gain.Gradient, Bias.Gradient);

    /// <inheritdoc/>
    public override void PlanForward(LaunchPlan plan, int batch, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Take<float>(means, (long)batch * Groups);
        plan.Take<float>(inverseDeviations, (long)batch * Groups);
        plan.Launch();
    }

    /// <inheritdoc/>
    public override void PlanBackward(LaunchPlan plan, int batch) => Kernels.GroupNorm.PlanBackward(plan, batch, Outputs);
}

/// <summary>An activation, value by value.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="activation">Which.</param>
/// <param name="width">The width of a row.</param>
sealed class ActivationLayer(KernelSet kernels, Activation activation, int width) : Layer(kernels, width)
{
    /// <summary>Which.</summary>
    public Activation Activation { get; } = activation;

    ActivationFunction Function => Kernels.ActivationOf(Activation);

    /// <inheritdoc/>
    public override void Forward(ArrayView<float> x, int batch, Pass pass, ArrayView<float> y) => Function.Forward(x, y);

    /// <inheritdoc/>
    public override void Backward(ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, int batch, ArrayView<float> dx) =>
        Function.Backward(Activation.SlopeTakesInput() ? x : y, dy, dx);

    /// <inheritdoc/>
    public override void PlanForward(LaunchPlan plan, int batch, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Launch();
    }

    /// <inheritdoc/>
    public override void PlanBackward(LaunchPlan plan, int batch)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Launch();
    }
}
