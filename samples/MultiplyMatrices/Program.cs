// Multiplies two matrices on the best accelerator of this machine, and prints the product and where it was computed.
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

// C[M,N] = A[M,K]·B[K,N]; a matrix lies in memory row after row.
const int M = 2, N = 2, K = 3;
float[] a = [1, 2, 3, 4, 5, 6];
float[] b = [7, 8, 9, 10, 11, 12];

using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
FoundDevice device = catalog.Choose("auto");
using Accelerator accelerator = catalog.Start(device);
var kernels = new KernelSet(accelerator);

using var deviceA = accelerator.Allocate1D(a);
using var deviceB = accelerator.Allocate1D(b);
using var deviceC = accelerator.Allocate1D<float>(M * N);
kernels.MatMul.Multiply(deviceA.View, deviceB.View, M, K, N, deviceC.View);

// Launches return at once. Reading the result waits for them.
float[] c = kernels.Read<float>(deviceC.View);
foreach (float[] row in c.Chunk(N))
{
    Console.WriteLine(string.Join(' ', row));
}
Console.WriteLine($"computed on {device.Name}, {device.Description}");
