// A kernel of one's own beside the library's: GELU in its tanh form (Hendrycks and Gimpel, 2016), checked against double precision.
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using MathNet.Numerics;

float[] x = Generate.LinearSpacedMap(100_000, -6, 6, value => (float)value);

using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
using Accelerator accelerator = catalog.Start(catalog.Choose("auto"));
var launcher = Launcher.For(accelerator);
var gelu = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>>(Gelu);
using var values = accelerator.Allocate1D(x);
gelu(launcher.Stream, launcher.Over(x.Length), values.View, values.View);
float[] y = new KernelSet(launcher).Read<float>(values.View);

double[] expected = Array.ConvertAll(x, v => 0.5 * v * (1 + Trig.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))));
Console.WriteLine($"largest difference: {Distance.Chebyshev(Array.ConvertAll(y, value => (double)value), expected):E1}");

// The grid-stride loop is right for every number of groups and threads. (1 + tanh u) / 2 is 1 / (1 + exp(-2u)), which needs no tanh.
static void Gelu(ArrayView<float> x, ArrayView<float> y)
{
    for (int i = GridStride.First, stride = GridStride.Stride; i < x.IntLength; i += stride)
    {
        y[i] = x[i] / (1 + MathF.Exp(-1.5957691216f * (x[i] + (0.044715f * x[i] * x[i] * x[i]))));
    }
}
