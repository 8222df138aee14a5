using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization for a GPU: the features are columns that threads and groups share (<see cref="ColumnSplit"/>). One launch leaves what each
/// slice of the rows adds to a feature's statistics or sums, the next one merges that and goes over the rows again: x is read twice and y
/// written once, and likewise with the gradients.
/// </summary>
/// <typeparam name="T">The lanes: how many features a thread takes side by side.</typeparam>
/// <param name="launcher">Where to load and launch the kernels.</param>
sealed class GpuBatchNorm<T>(Launcher launcher) : IBatchNorm
    where T : unmanaged, IPortableLanes<T>
{
    readonly Workspace workspace = new(launcher);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ColumnSplit, ArrayView<ColumnMoments<T>>> SliceMoments => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<ColumnMoments<T>>>(SliceMomentsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>> MergeMoments => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>>(MergeMomentsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>, BatchNormConstants,
        ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>> Normalize => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<ColumnMoments<T>>, ColumnSplit, ArrayView<T>, ArrayView<T>, BatchNormConstants,
            ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>>(NormalizeKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ColumnSplit, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, BatchNormConstants,
        ArrayView<T>> NormalizeFixed => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, BatchNormConstants,
            ArrayView<T>>(NormalizeFixedKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ColumnSplit,
        ArrayView<ColumnSumPair<T>>> SliceSums => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ColumnSplit,
            ArrayView<ColumnSumPair<T>>>(SliceSumsKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<ColumnSumPair<T>>, ColumnSplit,
        ArrayView<T>, ArrayView<T>, ArrayView<T>> Propagate => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<T>, ArrayView<ColumnSumPair<T>>, ColumnSplit,
            ArrayView<T>, ArrayView<T>, ArrayView<T>>(PropagateKernel);

    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread)
    {
        ColumnSplit split = Split(batch, features);
        ArrayView<ColumnMoments<T>> parts = workspace.Take<ColumnMoments<T>>(split.Slices * split.Columns);
        SliceMoments(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, parts);
        Normalize(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), parts, split, gain.As<T>(), bias.As<T>(), constants,
            y.As<T>(), mean.As<T>(), inverseDeviation.As<T>(), runningMean.As<T>(), runningSpread.As<T>());
    }

    public void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        ColumnSplit split = Split(batch, features);
        NormalizeFixed(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, gain.As<T>(), bias.As<T>(), mean.As<T>(), spread.As<T>(), constants, y.As<T>());
    }

    public void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        ColumnSplit split = Split(batch, features);
        ArrayView<ColumnSumPair<T>> parts = workspace.Take<ColumnSumPair<T>>(split.Slices * split.Columns);
        SliceSums(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), mean.As<T>(), inverseDeviation.As<T>(), dy.As<T>(), split, parts);
        Propagate(
            launcher.Stream, split.Over(launcher.Shape), x.As<T>(), mean.As<T>(), inverseDeviation.As<T>(), gain.As<T>(), dy.As<T>(), parts, split,
            dx.As<T>(), dGain.As<T>(), dBias.As<T>());
    }

    public void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares)
    {
        ColumnSplit split = Split(batch, features);
        ArrayView<ColumnMoments<T>> parts = workspace.Take<ColumnMoments<T>>(split.Slices * split.Columns);
        SliceMoments(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, parts);
        MergeMoments(launcher.Stream, split.OfSlices.Over(launcher.Shape), x.As<T>(), parts, split.OfSlices, mean.As<T>(), squares.As<T>());
    }

    // One group for each block of columns of each slice of rows, as in all kernels here but MergeMomentsKernel.
    static void SliceMomentsKernel(ArrayView<T> x, ColumnSplit split, ArrayView<ColumnMoments<T>> parts)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            ColumnMoments<T> moments = ColumnReduction.MergeGroup(ColumnMoments<T>.Of(x, split.Columns, place));
            if (place.IsSliceLeader)
            {
                parts[(place.Slice * split.Columns) + place.Column] = moments;
            }
        }
    }

    // One group for each block of columns. The rows are the slices.
    static void MergeMomentsKernel(
        ArrayView<T> x, ArrayView<ColumnMoments<T>> parts, ColumnSplit split, ArrayView<T> mean, ArrayView<T> squares)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            ColumnMoments<T> moments = ColumnReduction.MergeSlices(parts, split.Rows, split.Columns, place);
            if (place.IsColumnLeader)
            {
                mean[place.Column] = x[place.Column] + moments.Mean;
                squares[place.Column] = moments.Squares;
            }
        }
    }

    static void NormalizeKernel(
        ArrayView<T> x, ArrayView<ColumnMoments<T>> parts, ColumnSplit split, ArrayView<T> gain, ArrayView<T> bias, BatchNormConstants constants,
        ArrayView<T> y, ArrayView<T> mean, ArrayView<T> inverseDeviation, ArrayView<T> runningMean, ArrayView<T> runningSpread)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            ColumnMoments<T> moments = ColumnReduction.MergeSlices(parts, split.Slices, split.Columns, place);
            T variance = moments.Squares * T.Broadcast(1f / (split.Rows - 1));
            T inverse = T.Broadcast(1f) / T.Sqrt(variance + T.Broadcast(constants.Epsilon));
            T center = place.IsActive ? x[place.Column] + moments.Mean : default;
            if (place.IsColumnLeader)
            {
                mean[place.Column] = center;
                inverseDeviation[place.Column] = inverse;
                if (constants.Momentum > 0f)
                {
                    T spread = constants.Running == RunningStatistic.StandardDeviation ? T.Sqrt(variance) : variance;
                    runningMean[place.Column] = Moved(runningMean[place.Column], center, constants.Momentum);
                    runningSpread[place.Column] = Moved(runningSpread[place.Column], spread, constants.Momentum);
                }
            }
            NormalizeRows(x, split, place, gain, bias, center, inverse, y);
        }
    }

    static void NormalizeFixedKernel(
        ArrayView<T> x, ColumnSplit split, ArrayView<T> gain, ArrayView<T> bias, ArrayView<T> mean, ArrayView<T> spread, BatchNormConstants constants,
        ArrayView<T> y)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            if (place.IsActive)
            {
                T deviation = constants.Running == RunningStatistic.StandardDeviation
                    ? spread[place.Column]
                    : T.Sqrt(spread[place.Column] + T.Broadcast(constants.Epsilon));
                NormalizeRows(x, split, place, gain, bias, mean[place.Column], T.Broadcast(1f) / deviation, y);
            }
        }
    }

    static void SliceSumsKernel(
        ArrayView<T> x, ArrayView<T> mean, ArrayView<T> inverseDeviation, ArrayView<T> dy, ColumnSplit split, ArrayView<ColumnSumPair<T>> parts)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            T center = default;
            T inverse = default;
            if (place.IsActive)
            {
                center = mean[place.Column];
                inverse = inverseDeviation[place.Column];
            }
            T sum = default;
            T sumNormalized = default;
            for (int row = place.First; row < place.End; row += place.Step)
            {
                int i = (row * split.Columns) + place.Column;
                T gradient = dy[i];
                sum += gradient;
                sumNormalized = T.MultiplyAdd(gradient, (x[i] - center) * inverse, sumNormalized);
            }
            ColumnSumPair<T> sums = ColumnReduction.MergeGroup(new ColumnSumPair<T>(sum, sumNormalized));
            if (place.IsSliceLeader)
            {
                parts[(place.Slice * split.Columns) + place.Column] = sums;
            }
        }
    }

    static void PropagateKernel(
        ArrayView<T> x, ArrayView<T> mean, ArrayView<T> inverseDeviation, ArrayView<T> gain, ArrayView<T> dy, ArrayView<ColumnSumPair<T>> parts,
        ColumnSplit split, ArrayView<T> dx, ArrayView<T> dGain, ArrayView<T> dBias)
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            (T sum, T sumNormalized) = ColumnReduction.MergeSlices(parts, split.Slices, split.Columns, place);
            if (place.IsColumnLeader)
            {
                dBias[place.Column] = sum;
                dGain[place.Column] = sumNormalized;
            }
            T center = default;
            T inverse = default;
            T scale = default;
            T meanGradient = default;
            T slope = default;
            if (place.IsActive)
            {
                center = mean[place.Column];
                inverse = inverseDeviation[place.Column];
                scale = gain[place.Column] * inverse;
                meanGradient = sum * T.Broadcast(1f / split.Rows);
                slope = sumNormalized * T.Broadcast(1f / (split.Rows - 1));
            }
            for (int row = place.First; row < place.End; row += place.Step)
            {
                int i = (row * split.Columns) + place.Column;
                T normalized = (x[i] - center) * inverse;
                dx[i] = scale * (dy[i] - meanGradient - (normalized * slope));
            }
        }
    }

    static void NormalizeRows(
        ArrayView<T> x, ColumnSplit split, ColumnPosition place, ArrayView<T> gain, ArrayView<T> bias, T mean, T inverse, ArrayView<T> y)
    {
        T center = default;
        T scale = default;
        T columnGain = default;
        T columnBias = default;
        if (place.IsActive)
        {
            center = mean;
            scale = inverse;
            columnGain = gain[place.Column];
            columnBias = bias[place.Column];
        }
        for (int row = place.First; row < place.End; row += place.Step)
        {
            int i = (row * split.Columns) + place.Column;
            y[i] = T.MultiplyAdd(columnGain, (x[i] - center) * scale, columnBias);
        }
    }

    static T Moved(T running, T batch, float momentum) => T.MultiplyAdd(T.Broadcast(1f - momentum), running, T.Broadcast(momentum) * batch);

    ColumnSplit Split(int batch, int features) => ColumnSplit.For<T>(launcher.Shape, batch, features / T.Count);
}
