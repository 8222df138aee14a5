using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization for GPUs, layered, in two launches forward and two backward. The features are columns, whose rows several groups
/// share as slices (<see cref="ColumnSplit"/>). The first launch stores each slice's partial moments or partial sums; in the second one
/// every group merges those of its columns and goes over its rows again.
/// </summary>
/// <remarks>
/// Merging has barriers, so threads without a column (<see cref="ColumnPosition.IsActive"/> is false) go through it as well, with default
/// values. Each group of the second launch merges for itself, which saves a third launch.
/// </remarks>
/// <typeparam name="T">The lanes: one feature a thread, or four neighbors.</typeparam>
/// <param name="launcher">Loads and launches the kernels.</param>
sealed class GpuBatchNorm<T>(Launcher launcher) : IBatchNorm
    where T : unmanaged, IPortableLanes<T>
{
    readonly Workspace workspace = new(launcher);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ColumnSplit, ArrayView<ColumnMoments<T>>> SliceMoments => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<ColumnMoments<T>>>(SliceMomentsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>,
        ArrayView<T>> MergeMoments => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>,
            ArrayView<T>>(MergeMomentsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>,
        BatchNormConstants, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>> Normalize => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>,
            BatchNormConstants, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>>(NormalizeKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ColumnSplit, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>,
        BatchNormConstants, ArrayView<T>> NormalizeFixed => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>,
            BatchNormConstants, ArrayView<T>>(NormalizeFixedKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ColumnSplit,
        ArrayView<ColumnSumPair<T>>> SliceSums => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ColumnSplit,
            ArrayView<ColumnSumPair<T>>>(SliceSumsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, BatchNormConstants, ArrayView<T>,
        ArrayView<ColumnSumPair<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>, ArrayView<T>> Propagate => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, BatchNormConstants, ArrayView<T>,
            ArrayView<ColumnSumPair<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>, ArrayView<T>>(PropagateKernel);

    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation,
        ArrayView<float> runningMean, ArrayView<float> runningVariance)
    {
        ColumnSplit split = Split(batch, features);
        ArrayView<ColumnMoments<T>> partialMoments = workspace.Take<ColumnMoments<T>>(split.Slices * split.Columns);
        SliceMoments(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, partialMoments);
        Normalize(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), partialMoments, split, gain.As<T>(), bias.As<T>(), constants,
            y.As<T>(), mean.As<T>(), inverseDeviation.As<T>(), runningMean.As<T>(), runningVariance.As<T>());
    }

    public void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        ColumnSplit split = Split(batch, features);
        NormalizeFixed(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, gain.As<T>(), bias.As<T>(), mean.As<T>(), variance.As<T>(),
            constants, y.As<T>());
    }

    public void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain,
        BatchNormConstants constants, ArrayView<float> dy, int batch, int features, ArrayView<float> dx, ArrayView<float> dGain,
        ArrayView<float> dBias)
    {
        ColumnSplit split = Split(batch, features);
        ArrayView<ColumnSumPair<T>> partialSums = workspace.Take<ColumnSumPair<T>>(split.Slices * split.Columns);
        SliceSums(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), mean.As<T>(), inverseDeviation.As<T>(), dy.As<T>(), split, partialSums);
        Propagate(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), mean.As<T>(), inverseDeviation.As<T>(), gain.As<T>(), constants,
            dy.As<T>(), partialSums, split, dx.As<T>(), dGain.As<T>(), dBias.As<T>());
    }

    public void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares)
    {
        ColumnSplit split = Split(batch, features);
        ArrayView<ColumnMoments<T>> partialMoments = workspace.Take<ColumnMoments<T>>(split.Slices * split.Columns);
        SliceMoments(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, partialMoments);
        MergeMoments(
            launcher.Stream, split.OfSlices.Over(launcher.Shape), x.As<T>(), partialMoments, split.OfSlices, mean.As<T>(), squares.As<T>());
    }

    public void PlanForward(LaunchPlan plan, int batch, int features)
    {
        ColumnSplit split = Split(batch, features);
        plan.Take<ColumnMoments<T>>(workspace, split.Slices * split.Columns);
        plan.Launch(2);
    }

    public void PlanBackward(LaunchPlan plan, int batch, int features)
    {
        ColumnSplit split = Split(batch, features);
        plan.Take<ColumnSumPair<T>>(workspace, split.Slices * split.Columns);
        plan.Launch(2);
    }

    // Here and in all kernels below but MergeMomentsKernel: one group for each block of columns of each slice of rows.
    static void SliceMomentsKernel(ArrayView<T> x, ColumnSplit split, ArrayView<ColumnMoments<T>> partialMoments)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            ColumnMoments<T> moments = ColumnReduction.MergeGroup(ColumnMoments<T>.Of(x, split.Columns, position));
            if (position.IsSliceLeader)
            {
                partialMoments[(position.Slice * split.Columns) + position.Column] = moments;
            }
        }
    }

    // One group for each block of columns; the rows are the slices. ColumnMoments holds means as differences from the first row of x.
    static void MergeMomentsKernel(
        ArrayView<T> x, ArrayView<ColumnMoments<T>> partialMoments, ColumnSplit split, ArrayView<T> mean, ArrayView<T> squares)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            ColumnMoments<T> moments = ColumnReduction.MergeSlices(partialMoments, split.Rows, split.Columns, position);
            if (position.IsColumnLeader)
            {
                mean[position.Column] = x[position.Column] + moments.Mean;
                squares[position.Column] = moments.Squares;
            }
        }
    }

    static void NormalizeKernel(
        ArrayView<T> x, ArrayView<ColumnMoments<T>> partialMoments, ColumnSplit split, ArrayView<T> gain, ArrayView<T> bias,
        BatchNormConstants constants, ArrayView<T> y, ArrayView<T> mean, ArrayView<T> inverseDeviation,
        ArrayView<T> runningMean, ArrayView<T> runningVariance)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            ColumnMoments<T> moments = ColumnReduction.MergeSlices(partialMoments, split.Slices, split.Columns, position);
            T variance = moments.Squares * T.Broadcast(1f / constants.VarianceDivisor(split.Rows));
            T rstd = constants.InverseDeviation(variance);
            T columnMean = position.IsActive ? x[position.Column] + moments.Mean : default;
            if (position.IsColumnLeader)
            {
                mean[position.Column] = columnMean;
                inverseDeviation[position.Column] = rstd;
                if (constants.Momentum > 0f)
                {
                    runningMean[position.Column] = RunningAverage(runningMean[position.Column], columnMean, constants.Momentum);
                    runningVariance[position.Column] = RunningAverage(
                        runningVariance[position.Column], constants.ToStored(variance), constants.Momentum);
                }
            }
            NormalizeRows(x, split, position, gain, bias, columnMean, rstd, y);
        }
    }

    static void NormalizeFixedKernel(
        ArrayView<T> x, ColumnSplit split, ArrayView<T> gain, ArrayView<T> bias, ArrayView<T> mean, ArrayView<T> variance,
        BatchNormConstants constants, ArrayView<T> y)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            if (position.IsActive)
            {
                T rstd = constants.InverseOfStored(variance[position.Column]);
                NormalizeRows(x, split, position, gain, bias, mean[position.Column], rstd, y);
            }
        }
    }

    // Σ dy and Σ dy·x̂ of each slice.
    static void SliceSumsKernel(
        ArrayView<T> x, ArrayView<T> mean, ArrayView<T> inverseDeviation, ArrayView<T> dy, ColumnSplit split,
        ArrayView<ColumnSumPair<T>> partialSums)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            T columnMean = default;
            T rstd = default;
            if (position.IsActive)
            {
                columnMean = mean[position.Column];
                rstd = inverseDeviation[position.Column];
            }
            T sum = default;
            T normalizedSum = default;
            for (int row = position.First; row < position.End; row += position.Step)
            {
                int i = (row * split.Columns) + position.Column;
                T gradient = dy[i];
                sum += gradient;
                normalizedSum = T.MultiplyAdd(gradient, (x[i] - columnMean) * rstd, normalizedSum);
            }
            ColumnSumPair<T> sums = ColumnReduction.MergeGroup(new ColumnSumPair<T>(sum, normalizedSum));
            if (position.IsSliceLeader)
            {
                partialSums[(position.Slice * split.Columns) + position.Column] = sums;
            }
        }
    }

    // dx = gain·r·(dy - Σ dy / N - k/D·x̂·Σ dy·x̂).
    static void PropagateKernel(
        ArrayView<T> x, ArrayView<T> mean, ArrayView<T> inverseDeviation, ArrayView<T> gain, BatchNormConstants constants,
        ArrayView<T> dy, ArrayView<ColumnSumPair<T>> partialSums, ColumnSplit split, ArrayView<T> dx, ArrayView<T> dGain,
        ArrayView<T> dBias)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            (T sum, T normalizedSum) = ColumnReduction.MergeSlices(partialSums, split.Slices, split.Columns, position);
            if (position.IsColumnLeader)
            {
                dBias[position.Column] = sum;
                dGain[position.Column] = normalizedSum;
            }
            T columnMean = default;
            T rstd = default;
            T scale = default;
            T meanGradient = default;
            T slope = default;
            if (position.IsActive)
            {
                columnMean = mean[position.Column];
                rstd = inverseDeviation[position.Column];
                scale = gain[position.Column] * rstd;
                meanGradient = sum * T.Broadcast(1f / split.Rows);
                slope = normalizedSum * T.Broadcast(1f / constants.VarianceDivisor(split.Rows)) * constants.SlopeFactor(rstd);
            }
            for (int row = position.First; row < position.End; row += position.Step)
            {
                int i = (row * split.Columns) + position.Column;
                T normalized = (x[i] - columnMean) * rstd;
                dx[i] = scale * (dy[i] - meanGradient - (normalized * slope));
            }
        }
    }

    static void NormalizeRows(
        ArrayView<T> x, ColumnSplit split, ColumnPosition position, ArrayView<T> gain, ArrayView<T> bias, T mean, T rstd, ArrayView<T> y)
    {
        T columnMean = default;
        T columnRstd = default;
        T columnGain = default;
        T columnBias = default;
        if (position.IsActive)
        {
            columnMean = mean;
            columnRstd = rstd;
            columnGain = gain[position.Column];
            columnBias = bias[position.Column];
        }
        for (int row = position.First; row < position.End; row += position.Step)
        {
            int i = (row * split.Columns) + position.Column;
            y[i] = T.MultiplyAdd(columnGain, (x[i] - columnMean) * columnRstd, columnBias);
        }
    }

    static T RunningAverage(T running, T batch, float momentum) =>
        T.MultiplyAdd(T.Broadcast(1f - momentum), running, T.Broadcast(momentum) * batch);

    ColumnSplit Split(int batch, int features) => ColumnSplit.For<T>(launcher.Shape, batch, features / T.Count);
}
