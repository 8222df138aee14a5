// A kernel of one's own beside the library's: GELU in its tanh form (Hendrycks and Gimpel, 2016), checked against double precision.
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Tensors;
using MathNet.Numerics;

float[] x = Generate.LinearSpacedMap(100_000, -6, 6, value => (float)value);

using var device = ComputeDevice.Open();
using Tensor values = device.Tensor([x.Length], x);
var gelu = device.Accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>>(Gelu);
// On the device's own stream, it runs in turn with the library's kernels.
gelu(device.Stream, values.Length, values.Data);
double[] y = Array.ConvertAll(values.ToArray(), value => (double)value);

double[] expected = Array.ConvertAll(x, v => 0.5 * v * (1 + Trig.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))));
Console.WriteLine($"largest difference: {Distance.Chebyshev(y, expected):E1}");

static void Gelu(Index1D i, ArrayView<float> x) =>
    x[i] = 0.5f * x[i] * (1 + DeviceMath.Tanh(0.7978845608f * (x[i] + (0.044715f * x[i] * x[i] * x[i]))));
