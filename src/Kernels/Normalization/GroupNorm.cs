using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Group normalization of x [N, H]: each of G groups of neighboring features of an example, by the group's own mean and variance. With one
/// group it is layer normalization. No example depends on another one, so that training and evaluation do the same.
/// </summary>
/// <remarks>
/// <para>Sums go over the W = H/G features of a group of one example, except those of dgain and dbias; r is rstd:</para>
/// <code>
/// forward     mean = Σ x / W     variance = Σ (x - mean)² / W         r = 1 / √(variance + ε)        each [N, G]
///             x̂ = (x - mean)·r   y = gain·x̂ + bias                                                   each [N, H]
/// backward    dbias = Σ dy       dgain = Σ dy·x̂         over the examples                            each [H]
///             dx = r · (dy·gain - Σ dy·gain / W - x̂·Σ dy·gain·x̂ / W)                                 [N, H]
/// </code>
/// <para>
/// The variance takes two passes, the mean first, and the second pass corrects the mean as well: a mean that is large beside the deviation
/// costs no digits but those that single precision cannot hold.
/// </para>
/// <para>
/// Cost: forward reads x three times and writes y, about 9 floating-point operations a value; backward reads x and dy three times and
/// writes dx, about 16 operations a value.
/// </para>
/// <para>
/// Runs as: <see cref="CpuGroupNormForward"/>, <see cref="CpuGroupNormSums"/> and <see cref="CpuGroupNormPropagation"/> on the CPU
/// accelerator and on OpenCL devices that are processors; the kernels of this class on GPUs, where a launch group takes a group of one
/// example at a time, and its threads merge their sums. The fused kernel and the small steps have none.
/// </para>
/// <para>
/// Reference: <c>ReferenceOperations.GroupNorm</c>, <c>ReferenceOperations.GroupNormBackward</c>. Source: J. L. Ba, J. R. Kiros and
/// G. E. Hinton, "Layer normalization", 2016; Y. Wu and K. He, "Group normalization", 2018. The correction of the second pass is that of
/// T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance: analysis and recommendations", 1983.
/// </para>
/// </remarks>
public sealed class GroupNorm
{
    /// <summary>The fewest rows of a partial sum over the batch; the lectures' batch of 32 is one partial sum.</summary>
    const int PartialSumRows = 32;

    readonly Launcher launcher;
    readonly WorkerKernel<CpuGroupNormForward> cpuForward;
    readonly WorkerKernel<CpuGroupNormSums> cpuSums;
    readonly WorkerKernel<CpuGroupNormPropagation> cpuPropagation;
    readonly Workspace partialGains;
    readonly Workspace partialBiases;

    /// <summary>The operation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal GroupNorm(Launcher launcher)
    {
        this.launcher = launcher;
        cpuForward = new WorkerKernel<CpuGroupNormForward>(launcher);
        cpuSums = new WorkerKernel<CpuGroupNormSums>(launcher);
        cpuPropagation = new WorkerKernel<CpuGroupNormPropagation>(launcher);
        partialGains = new Workspace(launcher);
        partialBiases = new Workspace(launcher);
    }

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, int, int, int, ArrayView<float>,
        ArrayView<float>, ArrayView<float>> GpuNormalize => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, float, int, int, int, ArrayView<float>,
            ArrayView<float>, ArrayView<float>>(GpuNormalizeKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
        int, int, ArrayView<float>> GpuPropagate => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
            int, int, ArrayView<float>>(GpuPropagateKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int,
        ArrayView<float>, ArrayView<float>> GpuSliceSums => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int,
            ArrayView<float>, ArrayView<float>>(GpuSliceSumsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>>
        GpuMergeSlices => field ??= launcher.Accelerator
            .LoadKernel<ArrayView<float>, ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>>(GpuMergeSlicesKernel);

    /// <summary>Normalizes each group of each example by its own mean and variance.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="epsilon">ε, which keeps r finite where the features of a group are equal.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="features">H.</param>
    /// <param name="groups">G, which divides H.</param>
    /// <param name="y">y [N, H].</param>
    /// <param name="mean">The groups' means [N, G], which the backward pass needs.</param>
    /// <param name="inverseDeviation">r, rstd [N, G], which the backward pass needs.</param>
    internal void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, float epsilon, int batch, int features, int groups,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation)
    {
        int width = CheckGroups(batch, features, groups);
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(bias, features);
        ViewChecks.CheckLength(y, x.Length);
        ViewChecks.CheckLength(mean, (long)batch * groups);
        ViewChecks.CheckLength(inverseDeviation, mean.Length);
        if (!launcher.Shape.IsGpu)
        {
            cpuForward.Launch(new(
                new(x, 0), new(gain, 0), new(bias, 0), epsilon, batch * groups, groups, width, new(y, 0), new(mean, 0),
                new(inverseDeviation, 0)));
            return;
        }
        GpuNormalize(
            launcher.Stream, OverGroups(batch * groups, width), x, gain, bias, epsilon, batch * groups, groups, width,
            y, mean, inverseDeviation);
    }

    /// <summary>The backward pass of the forward pass, in closed form.</summary>
    /// <param name="x">x [N, H], the input of the forward pass.</param>
    /// <param name="mean">The groups' means [N, G].</param>
    /// <param name="inverseDeviation">r, rstd [N, G].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="features">H.</param>
    /// <param name="groups">G, which divides H.</param>
    /// <param name="dx">The gradient of x [N, H]; may be dy itself.</param>
    /// <param name="dGain">The gradient of the gain [H].</param>
    /// <param name="dBias">The gradient of the bias [H].</param>
    internal void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy,
        int batch, int features, int groups, ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        int width = CheckGroups(batch, features, groups);
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(mean, (long)batch * groups);
        ViewChecks.CheckLength(inverseDeviation, mean.Length);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(dy, x.Length);
        ViewChecks.CheckLength(dx, x.Length);
        ViewChecks.CheckLength(dGain, features);
        ViewChecks.CheckLength(dBias, features);
        // First the sums over the examples, which need dy: dx may overwrite it.
        if (!launcher.Shape.IsGpu)
        {
            cpuSums.Launch(new(
                new(x, 0), new(mean, 0), new(inverseDeviation, 0), new(dy, 0), batch, groups, width, new(dGain, 0), new(dBias, 0)));
            cpuPropagation.Launch(new(
                new(x, 0), new(mean, 0), new(inverseDeviation, 0), new(gain, 0), new(dy, 0), batch * groups, groups, width, new(dx, 0)));
            return;
        }
        SumOverExamples(x, mean, inverseDeviation, dy, batch, features, groups, dGain, dBias);
        GpuPropagate(
            launcher.Stream, OverGroups(batch * groups, width), x, mean, inverseDeviation, gain, dy, batch * groups, groups, width, dx);
    }

    /// <summary>Normalizes each group of each example by its own mean and variance.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="epsilon">ε, which keeps r finite where the features of a group are equal.</param>
    /// <param name="y">y [N, H].</param>
    /// <param name="mean">The groups' means [N, G], which the backward pass needs; G divides H.</param>
    /// <param name="inverseDeviation">r, rstd [N, G], which the backward pass needs.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Forward(Tensor x, Tensor gain, Tensor bias, float epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
    {
        (int batch, int features, int groups) = CheckShapes(x, y, mean, inverseDeviation, gain, bias);
        Forward(x.Data, gain.Data, bias.Data, epsilon, batch, features, groups, y.Data, mean.Data, inverseDeviation.Data);
    }

    /// <summary>The backward pass of the forward pass, in closed form.</summary>
    /// <param name="x">x [N, H], the input of the forward pass.</param>
    /// <param name="mean">The groups' means [N, G].</param>
    /// <param name="inverseDeviation">r, rstd [N, G].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    /// <param name="dx">The gradient of x [N, H]; may be dy itself.</param>
    /// <param name="dGain">The gradient of the gain [H].</param>
    /// <param name="dBias">The gradient of the bias [H].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Backward(
        Tensor x, Tensor mean, Tensor inverseDeviation, Tensor gain, Tensor dy, Tensor dx, Tensor dGain, Tensor dBias)
    {
        (int batch, int features, int groups) = CheckShapes(x, dy, mean, inverseDeviation, gain, dGain, dBias);
        TensorChecks.CheckSame(launcher, x, dx);
        Backward(
            x.Data, mean.Data, inverseDeviation.Data, gain.Data, dy.Data, batch, features, groups, dx.Data, dGain.Data, dBias.Data);
    }

    /// <summary>Tells what the backward pass takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="features">H.</param>
    internal void PlanBackward(LaunchPlan plan, int batch, int features)
    {
        ArgumentNullException.ThrowIfNull(plan);
        int slices = launcher.Shape.IsGpu ? SlicesOf(batch).Slices : 1;
        if (slices > 1)
        {
            plan.Take<float>(partialGains, slices * features);
            plan.Take<float>(partialBiases, slices * features);
        }
        plan.Launch(slices > 1 ? 3 : 2);
    }

    // Neither many rows to a partial sum nor many partial sums: with the root of the batch there are as many of the one as of the other.
    static (int Slices, int Rows) SlicesOf(int batch)
    {
        int rows = Math.Max(PartialSumRows, (int)Math.Sqrt(batch));
        return (((batch - 1) / rows) + 1, rows);
    }

    (int Batch, int Features, int Groups) CheckShapes(
        Tensor x, Tensor y, Tensor mean, Tensor inverseDeviation, params ReadOnlySpan<Tensor> ofFeatures)
    {
        (int batch, int features) = TensorChecks.Matrix(launcher, x);
        (_, int groups) = TensorChecks.Matrix(launcher, mean);
        TensorChecks.CheckSame(launcher, x, y);
        TensorChecks.CheckShape(launcher, mean, [batch, groups]);
        TensorChecks.CheckSame(launcher, mean, inverseDeviation);
        // Their lengths are checked, by their names, where the views are.
        foreach (Tensor tensor in ofFeatures)
        {
            TensorChecks.CheckDevice(launcher, tensor, "a tensor of the features");
        }
        return (batch, features, groups);
    }

    void SumOverExamples(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> dy, int batch, int features,
        int groups, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        (int slices, int rows) = SlicesOf(batch);
        int partials = slices * features;
        ArrayView<float> gains = slices == 1 ? dGain : partialGains.Take<float>(partials);
        ArrayView<float> biases = slices == 1 ? dBias : partialBiases.Take<float>(partials);
        GpuSliceSums(launcher.Stream, launcher.Over(partials), x, mean, inverseDeviation, dy, batch, features, groups, rows, gains, biases);
        if (slices > 1)
        {
            GpuMergeSlices(launcher.Stream, launcher.Over(features), gains, biases, slices, features, dGain, dBias);
        }
    }

    static int CheckGroups(int batch, int features, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        return features > 0 && features % groups == 0
            ? features / groups
            : throw new ArgumentOutOfRangeException(nameof(groups), groups, $"groups do not divide the {features} features");
    }

    // A launch group for each group of features, its threads side by side in y, as the reduction wants them.
    KernelConfig OverGroups(int groups, int width) => new(
        new Index2D(Math.Min(groups, launcher.Shape.MaxGroups), 1),
        new Index2D(1, Math.Min(width, Math.Min(launcher.Shape.GroupSize, ColumnSplit.MaxThreads))));

    // One launch group for each group of features of an example.
    static void GpuNormalizeKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, float epsilon, int count, int groups, int width,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation)
    {
        int thread = Group.IdxY;
        int threads = Group.DimY;
        for (int group = Grid.IdxX, stride = Grid.DimX; group < count; group += stride)
        {
            int start = group * width;
            float sum = 0f;
            for (int i = thread; i < width; i += threads)
            {
                sum += x[start + i];
            }
            float roughMean = Merge(sum, 0f).First / width;

            float rest = 0f;
            float squares = 0f;
            for (int i = thread; i < width; i += threads)
            {
                float difference = x[start + i] - roughMean;
                rest += difference;
                squares += difference * difference;
            }
            (rest, squares) = Merge(rest, squares);

            // Rounding may make it negative where all values are equal. NaN stays, as the second argument of the maximum.
            Scalar variance = Scalar.Max(default, Scalar.Broadcast((squares - (rest * rest / width)) / width));
            float groupMean = roughMean + (rest / width);
            float rstd = BatchNormConstants.Inverse(Scalar.Sqrt(variance + Scalar.Broadcast(epsilon))).First;
            if (thread == 0)
            {
                mean[group] = groupMean;
                inverseDeviation[group] = rstd;
            }
            int feature = group % groups * width;
            for (int i = thread; i < width; i += threads)
            {
                y[start + i] = (gain[feature + i] * ((x[start + i] - groupMean) * rstd)) + bias[feature + i];
            }
        }
    }

    // One launch group for each group of features of an example. A thread writes dx where it alone has read dy.
    static void GpuPropagateKernel(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy,
        int count, int groups, int width, ArrayView<float> dx)
    {
        int thread = Group.IdxY;
        int threads = Group.DimY;
        for (int group = Grid.IdxX, stride = Grid.DimX; group < count; group += stride)
        {
            int start = group * width;
            int feature = group % groups * width;
            float groupMean = mean[group];
            float rstd = inverseDeviation[group];
            float sum = 0f;
            float normalizedSum = 0f;
            for (int i = thread; i < width; i += threads)
            {
                float gradient = dy[start + i] * gain[feature + i];
                sum += gradient;
                normalizedSum += gradient * ((x[start + i] - groupMean) * rstd);
            }
            (sum, normalizedSum) = Merge(sum, normalizedSum);

            float meanGradient = sum / width;
            float slope = normalizedSum / width;
            for (int i = thread; i < width; i += threads)
            {
                float gradient = dy[start + i] * gain[feature + i];
                float normalized = (x[start + i] - groupMean) * rstd;
                dx[start + i] = rstd * (gradient - meanGradient - (normalized * slope));
            }
        }
    }

    // Σ dy·x̂ and Σ dy over the rows of each slice, each [slices, H]. One thread for each sum: the loads of neighbors are coalesced.
    static void GpuSliceSumsKernel(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> dy, int batch, int features,
        int groups, int sliceRows, ArrayView<float> gains, ArrayView<float> biases)
    {
        int width = features / groups;
        int count = gains.IntLength;
        for (int item = GridStride.First, stride = GridStride.Stride; item < count; item += stride)
        {
            int feature = item % features;
            int first = item / features * sliceRows;
            int end = IntrinsicMath.Min(first + sliceRows, batch);
            float sum = 0f;
            float normalizedSum = 0f;
            for (int row = first; row < end; row++)
            {
                int i = (row * features) + feature;
                int group = (row * groups) + (feature / width);
                float gradient = dy[i];
                sum += gradient;
                normalizedSum += gradient * ((x[i] - mean[group]) * inverseDeviation[group]);
            }
            gains[item] = normalizedSum;
            biases[item] = sum;
        }
    }

    // One thread for each feature.
    static void GpuMergeSlicesKernel(
        ArrayView<float> gains, ArrayView<float> biases, int slices, int features, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            float sum = 0f;
            float normalizedSum = 0f;
            for (int slice = 0; slice < slices; slice++)
            {
                normalizedSum += gains[(slice * features) + feature];
                sum += biases[(slice * features) + feature];
            }
            dGain[feature] = normalizedSum;
            dBias[feature] = sum;
        }
    }

    // The sums over all threads of the launch group; one thread has them already.
    static (float First, float Second) Merge(float first, float second)
    {
        if (Group.DimY == 1)
        {
            return (first, second);
        }
        ColumnSumPair<Scalar> sums = ColumnReduction.MergeGroup(
            new ColumnSumPair<Scalar>(Scalar.Broadcast(first), Scalar.Broadcast(second)));
        return (sums.First.First, sums.Second.First);
    }
}
