using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>Copies a network's parameters and statistics to where they lie in a fused layout, and back.</summary>
static class FusedParameters
{
    /// <summary>Copies them to a layout.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="values">The buffer of parameters; what the network does not have stays as it is.</param>
    public static void Load(Mlp network, FusedLayout layout, Span<float> values)
    {
        foreach (Part part in Parts(network, layout))
        {
            part.Load(values);
        }
    }

    /// <summary>Copies them back to the network.</summary>
    /// <param name="values">The buffer of parameters.</param>
    /// <param name="layout">The network's layout.</param>
    /// <param name="network">The network.</param>
    public static void Store(ReadOnlySpan<float> values, FusedLayout layout, Mlp network)
    {
        foreach (Part part in Parts(network, layout))
        {
            part.Store(values);
        }
    }

    static IEnumerable<(Linear Linear, BatchNormalization? Normalization)> LinearLayers(Mlp network)
    {
        for (int i = 0; i < network.Layers.Count; i++)
        {
            if (network.Layers[i] is Linear linear)
            {
                yield return (linear, network.Layers.ElementAtOrDefault(i + 1) as BatchNormalization);
            }
        }
    }

    static IEnumerable<Part> Parts(Mlp network, FusedLayout layout)
    {
        FusedShape shape = layout.Shape;
        yield return Part.Rows(network.Table, shape.Table, shape.TableRow);
        foreach (((Linear linear, BatchNormalization? normalization), FusedLayer layer) in LinearLayers(network).Zip(layout.Layers))
        {
            yield return Part.Columns(linear.Weight, layer.Weight, layer.WeightRow);
            if (linear.Bias is { } bias)
            {
                yield return Part.Rows(bias, layer.Bias, 0);
            }
            if (normalization is not null)
            {
                yield return Part.Rows(normalization.Gain, layer.Gain, 0);
                yield return Part.Rows(normalization.Bias, layer.Shift, 0);
                yield return Part.Rows(normalization.RunningMean, layer.RunningMean, 0);
                yield return Part.Rows(normalization.RunningVariance, layer.RunningVariance, 0);
            }
        }
    }

    /// <summary>A tensor and where it lies: element (i, j) has the index Start + i·RowStride + j·ColumnStride.</summary>
    readonly record struct Part(Tensor Tensor, int Start, int RowStride, int ColumnStride)
    {
        int Width => Tensor.Shape[^1];

        public static Part Rows(Tensor tensor, int start, int rowStride) => new(tensor, start, rowStride, 1);

        public static Part Columns(Tensor tensor, int start, int columnStride) => new(tensor, start, 1, columnStride);

        public void Load(Span<float> values)
        {
            float[] source = Tensor.ToArray();
            for (int i = 0; i < source.Length; i++)
            {
                values[Index(i)] = source[i];
            }
        }

        public void Store(ReadOnlySpan<float> values)
        {
            var target = new float[Tensor.Length];
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = values[Index(i)];
            }
            Tensor.Set(target);
        }

        int Index(int i) => Start + (i / Width * RowStride) + (i % Width * ColumnStride);
    }
}
